import { startSqs } from "../harness/stage.js";
import { describeQueueBehaviour } from "./queue-behaviour.js";
import { startContractProject } from "./start.js";

describeQueueBehaviour({
  name: "queue-run start, at an SQS",
  missing: () => null,
  async start() {
    const sqs = await startSqs({ keep: true });
    const place = await startContractProject(sqs.endpoint);
    return {
      ...place,
      async stop() {
        await place.stop();
        await sqs.close();
      },
    };
  },
});
