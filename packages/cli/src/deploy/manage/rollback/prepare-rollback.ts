import { ProjectProblemsError } from "../../../errors/project-errors.js";
import { deployNotFoundError, nothingToGoBackToError } from "../../../errors/rollback-errors.js";
import { readVersion } from "../../actual/read-function.js";
import { readStageItems } from "../../actual/stage-items.js";
import { readStageVariables } from "../../actual/stage-variables.js";
import { type DeployRecord, listDeployRecords, readDeployRecord } from "../../apply/deploy-record.js";
import type { PreparedChange } from "../../change-stage.js";
import type { Reported } from "../../deploy-report.js";
import { tableName } from "../../desired/resource-names.js";
import { inParallel } from "../../in-parallel.js";
import { desiredFromRecord } from "../../plan/from-record.js";
import type { Stage } from "../open-stage.js";
import { earlierDeploy, servingDeploy } from "./choose-deploy.js";

/** As many deploys are looked through for one to go back to. */
const LOOKED_THROUGH = 200;
const CALLS_AT_ONCE = 10;

/** Which recorded deploy is to serve: one by its id, the one before what serves, or what serves (with new variables). */
export type Target = { id: string } | "earlier" | "serving";

/**
 * What a stage is to be when a recorded deploy is to serve again, with the variables that the stage has now.
 *
 * @throws QR_DEPLOY_NOT_FOUND, QR_NOTHING_TO_GO_BACK_TO; ProjectProblemsError when a version of it is gone
 */
export async function prepareRollback(stage: Stage, target: Target): Promise<PreparedChange & Reported> {
  const { aws } = stage;
  const table = tableName(stage);
  const record = await findRecord(stage, table, target);
  const [identity, parameter, addresses, found] = await Promise.all([
    aws.identity(),
    readStageVariables(aws, stage),
    readStageItems(aws, table),
    inParallel(record.desired.functions, CALLS_AT_ONCE, async ({ id, physicalName }) => {
      const version = record.versions[id];
      return [id, version === undefined ? null : await readVersion(aws, physicalName, version)] as const;
    }),
  ]);
  const { desired, problems } = desiredFromRecord({
    desired: record.desired,
    versions: record.versions,
    found: Object.fromEntries(found),
    parameter,
    addresses,
  });
  if (problems.length > 0) throw new ProjectProblemsError(problems);
  const heading = target === "serving" ? "Publishing again" : `Going back to ${record.id}:`;
  return { aws, identity, desired, zips: new Map(), warnings: [], goesBackTo: record.id, heading };
}

async function findRecord({ aws, stage }: Stage, table: string, target: Target): Promise<DeployRecord> {
  const deploys = await listDeployRecords(aws, table, LOOKED_THROUGH);
  const id = typeof target === "object" ? target.id : chosen(target)(deploys)?.id;
  if (id === undefined) throw nothingToGoBackToError(stage, deploys.length);
  // An empty key is no key to DynamoDB.
  const record = id === "" ? null : await readDeployRecord(aws, table, id);
  if (!record) throw deployNotFoundError(id, stage, deploys[0]?.id ?? null);
  // Of one that went back, what it went back to is meant.
  return record.goesBackTo === null
    ? record
    : ((await readDeployRecord(aws, table, record.goesBackTo)) ?? record);
}

function chosen(target: "earlier" | "serving") {
  return target === "earlier" ? earlierDeploy : servingDeploy;
}
