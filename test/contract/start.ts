import { readProject } from "../../packages/cli/src/project/read-project.js";
import { startCommand } from "../harness/command.js";
import { journalOf } from "../harness/journal.js";
import { makeStage } from "../harness/stage.js";
import { copyProject } from "../harness/temporary-project.js";
import type { RunningPlace } from "./place.js";

/** Runs the contract project with `queue-run start`, on queues of a stage at an SQS endpoint. */
export async function startContractProject(
  endpoint: string,
  { account = "000000000000" } = {},
): Promise<RunningPlace> {
  const project = copyProject("test/fixtures/contract", { keep: true });
  const reading = await readProject(project.folder, { stage: "prod" });
  if ("problems" in reading) throw new Error(JSON.stringify(reading.problems));
  const { name, queues } = reading.manifest;
  const names = queues.map((queue) => queue.name);
  const { sqs, env, close } = await makeStage(endpoint, names, { project: name, account, keep: true });
  const command = startCommand(["start", "--port", "0", "--grace", "0"], {
    cwd: project.folder,
    env: { ...env, CONTRACT_JOURNAL: project.path("journal.jsonl") },
    keep: true,
  });
  await command.printed(/"message":"Health on port/, { deadlineMs: 30_000 });
  return {
    sqs,
    journal: journalOf(project.folder),
    async stop() {
      command.signal("SIGTERM");
      await command.ended;
      close();
      project.dispose();
    },
  };
}
