import type { ScriptEnvironment } from "@queue-run/runtime/instance";
import { readBuiltProject } from "../build/built-project.js";
import { toBundledQueue } from "../build/bundled-queue.js";
import type { CommandIo } from "../commands/command.js";
import { requireStageName } from "../deploy/desired/stage-name.js";
import { readAddress } from "../dev/data-folder.js";
import { sendToDevServer } from "../dev/dev-client.js";
import { noServerForScriptError } from "../errors/exec-errors.js";
import { ProjectProblemsError } from "../errors/project-errors.js";
import { devStageError } from "../errors/start-errors.js";
import { projectSettings } from "../project/project-settings.js";
import { stageScriptEnvironment } from "./script-environment.js";

/**
 * What tells a script of the dev server that runs for a folder.
 *
 * @throws QueueRunError `QR_NO_DEV_SERVER`
 */
export async function findDevServer(root: string): Promise<ScriptEnvironment> {
  const port = readAddress(root)?.port;
  // Whatever answers on the port that is usual may be another project's.
  if (port === undefined) throw noServerForScriptError(root);
  return sendToDevServer<ScriptEnvironment>(root, port, "GET", "/_queue-run/environment").catch(
    (error: unknown) => {
      throw noServerForScriptError(root, error);
    },
  );
}

/**
 * What tells a script of a deployed stage: its queues are those of the sources, or of a build where there are none.
 *
 * @throws QueueRunError `QR_STAGE_NAME`, `QR_QUEUE_NOT_DEPLOYED`, `QR_NO_BUILD`, why AWS could not be asked; ProjectProblemsError
 */
export async function findStage(
  options: { root: string; build: string | null; stage: string; region: string | null },
  { env }: CommandIo,
): Promise<ScriptEnvironment> {
  const { stage } = options;
  if (stage === "dev") throw devStageError("exec");
  requireStageName(stage);
  const [{ connect }, { findStageQueues }, { stageVariables }, project] = await Promise.all([
    import("../deploy/aws/connect.js"),
    import("../remote-sqs/stage-queues.js"),
    import("../remote-sqs/stage-variables.js"),
    readQueues(options),
  ]);
  const region = options.region ?? projectSettings(project.settings).region;
  const aws = await connect({ region, env });
  const names = project.queues.map(({ name }) => name);
  const { urlPrefix, account } = await findStageQueues(aws, { project: project.name, stage, names });
  return stageScriptEnvironment({
    project: project.name,
    stage,
    region: aws.region,
    queueUrlPrefix: urlPrefix,
    queues: project.queues.map(toBundledQueue),
    variables: stageVariables({ project: project.name, stage, region: aws.region, account }),
  });
}

async function readQueues({ root, build, stage }: { root: string; build: string | null; stage: string }) {
  if (build !== null) return readBuiltProject(build);
  const { readProject } = await import("../project/read-project.js");
  const reading = await readProject(root, { stage });
  if ("problems" in reading) throw new ProjectProblemsError(reading.problems);
  return reading.manifest;
}
