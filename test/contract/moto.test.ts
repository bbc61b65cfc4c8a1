import { motoMissing, startMoto } from "../harness/moto.js";
import { startBuiltFunctions } from "./built-functions.js";
import { describeQueueBehaviour } from "./queue-behaviour.js";

describeQueueBehaviour({
  name: "Lambda's entry points, as they are built, at moto",
  missing: motoMissing,
  knownDefects: [
    // With the one instance that moto needs, no group runs beside another.
    "runs a group's jobs one after another, in order, and other groups meanwhile",
    // Moto ignores DeduplicationScope.
    "deduplicates within a group, not over the queue",
  ],
  async start() {
    const moto = await startMoto();
    const functions = await startBuiltFunctions(moto.endpoint, {
      account: "123456789012",
      // Moto does not lock a group, so only one instance can keep its order.
      instancesPerFunction: 1,
    });
    return {
      ...functions,
      async stop() {
        await functions.stop();
        await moto.stop();
      },
    };
  },
});
