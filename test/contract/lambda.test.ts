import { startDev } from "../harness/dev-server.js";
import { makeProject } from "../harness/temporary-project.js";
import { startBuiltFunctions } from "./built-functions.js";
import { describeQueueBehaviour } from "./queue-behaviour.js";

describeQueueBehaviour({
  name: "Lambda's entry points, as they are built, at the local SQS",
  missing: () => null,
  async start() {
    // A project without queues: its server is an SQS endpoint, and nothing of it takes what arrives there.
    const project = makeProject({ "api/index.ts": 'export const get = () => "ok";' }, { keep: true });
    const server = await startDev(project.folder, { keep: true });
    const functions = await startBuiltFunctions(`http://localhost:${server.sqsPort}`);
    return {
      ...functions,
      async stop() {
        await functions.stop();
        await server.stop();
        project.dispose();
      },
    };
  },
});
