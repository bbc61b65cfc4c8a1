import { motoMissing, startMoto } from "../harness/moto.js";
import { startBuiltFunctions } from "./built-functions.js";
import { describeQueueBehaviour } from "./queue-behaviour.js";

describeQueueBehaviour({
  name: "Lambda's entry points, as they are built, at moto",
  missing: motoMissing,
  knownDefects: [
    // Moto hands out the next message of a group while one is in flight.
    "runs a group's jobs one after another, in order, and other groups meanwhile",
    // Moto ignores DeduplicationScope.
    "deduplicates within a group, not over the queue",
  ],
  async start() {
    const moto = await startMoto();
    const functions = await startBuiltFunctions(moto.endpoint, "123456789012");
    return {
      ...functions,
      async stop() {
        await functions.stop();
        await moto.stop();
      },
    };
  },
});
