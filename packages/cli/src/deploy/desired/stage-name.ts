import { stageNameError } from "../../errors/stage-errors.js";

/** Names stand in names of resources, in paths and in tags: these are allowed in all of them. */
const STAGE_NAME = /^[A-Za-z0-9][A-Za-z0-9_-]*$/;

/** What handlers see in development. */
const DEVELOPMENT_STAGE = "dev";

/** @returns why no stage can be called that, and what to do about it; null where one can */
export function stageNameProblem(stage: string): { message: string; fix: string } | null {
  if (!STAGE_NAME.test(stage))
    return {
      message: `${JSON.stringify(stage)} cannot be a stage: its name stands in the names of resources.`,
      fix: "Use letters, digits, - and _ only, a letter or a digit first.",
    };
  if (stage === DEVELOPMENT_STAGE)
    return {
      message: `"${DEVELOPMENT_STAGE}" is the stage of the development server: handlers tell by it where they run.`,
      fix: 'Choose another name, say "staging".',
    };
  return null;
}

/** @throws QR_STAGE_NAME for what no stage can be called */
export function requireStageName(stage: string): void {
  const problem = stageNameProblem(stage);
  if (problem) throw stageNameError(problem);
}
