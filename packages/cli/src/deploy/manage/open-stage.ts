import type { CommandIo } from "../../commands/command.js";
import { type ProjectOutline, readProjectConfig } from "../../project/read-project-config.js";
import { type Aws, connect } from "../aws/connect.js";
import { requireStageName } from "../desired/stage-name.js";

/** A stage that may be deployed, and the account and region it is in. */
export type Stage = {
  project: string;
  stage: string;
  aws: Aws;
  outline: ProjectOutline;
};

/** What every command on a deployed stage takes. */
export type StageFlags = { cwd: string; stage: string; region?: string };

/**
 * Connects to where a project's stage is.
 *
 * @throws QR_STAGE_NAME; ProjectProblemsError when queue-run.config.ts cannot be used; what `connect` throws
 */
export async function openStage(
  { cwd, stage, region }: StageFlags,
  { env }: Pick<CommandIo, "env">,
): Promise<Stage> {
  requireStageName(stage);
  const outline = await readProjectConfig(cwd, { stage });
  const aws = await connect({ region: region ?? outline.config.region ?? null, env });
  return { project: outline.name, stage, aws, outline };
}
