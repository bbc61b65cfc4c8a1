import { motoMissing, startMoto } from "../harness/moto.js";
import { startBuiltFunctions } from "./built-functions.js";
import { describeQueueBehaviour } from "./queue-behaviour.js";

describeQueueBehaviour({
  name: "Lambda's entry points, as they are built, at moto",
  missing: motoMissing,
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
