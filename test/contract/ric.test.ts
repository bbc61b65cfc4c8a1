import { startDev } from "../harness/dev-server.js";
import { ricMissing } from "../harness/ric.js";
import { makeProject } from "../harness/temporary-project.js";
import { startBuiltFunctions } from "./built-functions.js";
import { describeQueueBehaviour } from "./queue-behaviour.js";

describeQueueBehaviour({
  name: "the zips under AWS's runtime client, at the local SQS",
  missing: ricMissing,
  async start() {
    // A project without queues: its server is an SQS endpoint, and nothing of it takes what arrives there.
    const project = makeProject({ "api/index.ts": 'export const get = () => "ok";' }, { keep: true });
    const server = await startDev(project.folder, { keep: true });
    const functions = await startBuiltFunctions(`http://localhost:${server.sqsPort}`, { as: "zips" });
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
