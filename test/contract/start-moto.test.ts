import { motoMissing, startMoto } from "../harness/moto.js";
import { describeQueueBehaviour } from "./queue-behaviour.js";
import { startContractProject } from "./start.js";

describeQueueBehaviour({
  name: "queue-run start, at moto",
  missing: motoMissing,
  knownDefects: [
    // Moto does not lock a group: what it hands out too early waits for its turn, and holds up what comes behind it.
    "runs a group's jobs one after another, in order, and other groups meanwhile",
    // Moto ignores DeduplicationScope.
    "deduplicates within a group, not over the queue",
  ],
  async start() {
    const moto = await startMoto();
    const place = await startContractProject(moto.endpoint, { account: "123456789012" });
    return {
      ...place,
      async stop() {
        await place.stop();
        await moto.stop();
      },
    };
  },
});
