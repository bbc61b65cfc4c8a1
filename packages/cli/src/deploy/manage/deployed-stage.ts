import { stageNotDeployedError, unknownFunctionError } from "../../errors/stage-errors.js";
import { readStageItems } from "../actual/stage-items.js";
import type { Addresses } from "../desired/addresses.js";
import { functionName, tableName } from "../desired/resource-names.js";
import type { Stage } from "./open-stage.js";

/** What serves in a stage, as its last deploy recorded it. */
export type DeployedStage = Addresses & {
  functions: DeployedFunction[];
};

export type DeployedFunction = {
  /** "queue:emails", "schedule:daily", "api" */
  id: string;
  physicalName: string;
  /** What the alias `live` points at. */
  version: string;
};

/**
 * @returns the functions of a stage, by id
 * @throws QR_STAGE_NOT_DEPLOYED where no deploy has come so far that anything serves
 */
export async function readDeployedStage(stage: Stage): Promise<DeployedStage> {
  const { live, url, socketUrl } = await readStageItems(stage.aws, tableName(stage));
  const functions = Object.entries(live)
    .map(([id, version]) => ({ id, physicalName: functionName(stage, id), version }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  if (functions.length === 0) throw stageNotDeployedError(stage.project, stage.stage, stage.aws.region);
  return { functions, url, socketUrl };
}

/**
 * Those that are asked for by id; all where none is.
 *
 * @throws QR_FUNCTION_NOT_FOUND with the nearest
 */
export function chooseFunctions(
  functions: readonly DeployedFunction[],
  ids: readonly string[],
): DeployedFunction[] {
  if (ids.length === 0) return [...functions];
  return ids.map((id) => {
    const found = functions.find((each) => each.id === id);
    if (!found)
      throw unknownFunctionError(
        id,
        functions.map((each) => each.id),
      );
    return found;
  });
}
