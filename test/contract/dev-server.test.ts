import { startDev } from "../harness/dev-server.js";
import { journalOf } from "../harness/journal.js";
import { copyProject } from "../harness/temporary-project.js";
import { describeQueueBehaviour } from "./queue-behaviour.js";

describeQueueBehaviour({
  name: "the dev server",
  missing: () => null,
  async start() {
    const project = copyProject("test/fixtures/contract", { keep: true });
    const server = await startDev(project.folder, { keep: true });
    return {
      sqs: server.sqs,
      journal: journalOf(project.folder),
      async stop() {
        await server.stop();
        project.dispose();
      },
    };
  },
});
