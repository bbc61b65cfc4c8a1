import type { IamStatement } from "@queue-run/runtime/config";
import type { ActualVersion } from "../actual/actual-state.js";
import type { DesiredFunction, DesiredState } from "../desired/desired-state.js";
import { nameInArn } from "../desired/resource-arns.js";
import { withSocketApi } from "../desired/socket-access.js";
import { statementsOf } from "../plan/policy-statements.js";
import { isOf, liveVersion, type ModelStage } from "./model-stage.js";

/** For tests: what code that serves has to find. */
export type Needs = {
  statements: readonly IamStatement[];
  /** Physical names. */
  queues: readonly string[];
  /** Jobs of a delivery that its timeout was made for; null: it consumes nothing. */
  batchSize: number | null;
  withUrl: boolean;
  withSocketUrl: boolean;
  /** What its variables name of where delayed messages wait: the schedule group. */
  delayGroup: string | null;
};

/** @returns what the code of a function needs by what it is to be */
export function needsOf(fn: DesiredFunction, { queues }: DesiredState): Needs {
  const names = [...fn.sendsTo, ...(fn.kind === "queue" ? [fn.id.slice("queue:".length)] : [])];
  return {
    statements: fn.role.statements,
    queues: queues.filter(({ name }) => names.includes(name)).map(({ physicalName }) => physicalName),
    batchSize: fn.mapping?.batchSize ?? null,
    withUrl: fn.environment.withUrl,
    withSocketUrl: fn.environment.withSocketUrl,
    delayGroup: fn.environment.variables.QUEUE_RUN_DELAY_GROUP ?? null,
  };
}

/**
 * For tests: what is missing of what a function's live version needs.
 *
 * @returns nothing where nothing serves
 */
export function missingNeeds(stage: ModelStage, functionName: string, needs: Needs): string[] {
  const found = stage.functions.get(functionName);
  const live = found && liveVersion(found);
  if (!found || !live || !isReachable(stage, functionName)) return [];
  const role = stage.roles.get(functionName);
  const missing = needs.queues.filter((name) => !stage.queues.has(name)).map((name) => `queue ${name}`);
  if (!role) return [...missing, "its role"];
  if (!stage.logGroups.has(live.logGroup ?? "")) missing.push("its log group");
  const allowed = statementsOf(role.policy);
  missing.push(...delayFaults(stage, needs.delayGroup));
  const { socketApi } = stage;
  if (needs.withSocketUrl && socketApi && live.environment.QUEUE_RUN_SOCKET_URL !== socketApi.url)
    missing.push("the socket's address");
  for (const statement of withSocketApi(needs.statements, socketApi?.url ?? null)) {
    if (statement.Effect !== "Deny" && !isAllowed(statement, allowed))
      missing.push(`permission ${JSON.stringify(statement)}`);
  }
  for (const statement of allowed) {
    if (statement.Effect === "Deny" && !needs.statements.some((own) => isSameStatement(own, statement)))
      missing.push(`what is denied: ${JSON.stringify(statement)}`);
  }
  return [...missing, ...mappingFaults(stage, functionName, live, needs)];
}

/** A message that is delayed needs the group, the role that sends it, and the queue that takes it where it cannot be sent. */
function delayFaults(stage: ModelStage, group: string | null): string[] {
  if (group === null) return [];
  const undeliverable = [...stage.queues.keys()].some((name) => name.endsWith("-_undeliverable"));
  return [
    ...(stage.scheduleGroups.has(group) ? [] : [`schedule group ${group}`]),
    ...(stage.roles.has(group) ? [] : [`role ${group}`]),
    ...(undeliverable ? [] : ["queue of undeliverable messages"]),
  ];
}

function mappingFaults(stage: ModelStage, functionName: string, live: ActualVersion, needs: Needs): string[] {
  const mapping = stage.mappings.find(({ functionArn }) => isOf(functionArn, functionName));
  if (!mapping) return [];
  const faults: string[] = [];
  const visibility = Number(stage.queues.get(nameInArn(mapping.queueArn))?.attributes.VisibilityTimeout);
  if (visibility < 6 * live.configuration.timeoutSeconds) faults.push(`visibility timeout ${visibility}`);
  if (needs.batchSize !== null && mapping.batchSize > needs.batchSize)
    faults.push(`batches of ${mapping.batchSize}`);
  return faults;
}

/** Whether anything can invoke the alias. */
function isReachable(stage: ModelStage, functionName: string): boolean {
  const isLive = (arn: string | null) => arn !== null && isOf(arn, functionName);
  return (
    stage.mappings.some(({ functionArn }) => isLive(functionArn)) ||
    [...stage.schedules.values()].some(({ targetArn }) => isLive(targetArn)) ||
    isLive(stage.api?.integrationUri ?? null) ||
    (stage.socketApi?.integrationUri ?? "").includes(`:${functionName}:live/`) ||
    (stage.functionUrls.has(functionName) &&
      Object.keys(stage.permissions.get(functionName) ?? {}).length === 2)
  );
}

/** Whether one statement of a policy allows all that another does. */
function isAllowed(wanted: IamStatement, allowed: readonly IamStatement[]): boolean {
  const covers = (has: string | string[], needed: string | string[]) =>
    [needed].flat().every((each) => [has].flat().includes(each));
  return allowed.some(
    ({ Effect, Action, Resource, Condition }) =>
      Effect !== "Deny" &&
      covers(Action, wanted.Action) &&
      covers(Resource, wanted.Resource) &&
      JSON.stringify(Condition) === JSON.stringify(wanted.Condition),
  );
}

function isSameStatement(one: IamStatement, other: IamStatement): boolean {
  return (
    one.Effect === other.Effect && isAllowed({ ...one, Effect: "Allow" }, [{ ...other, Effect: "Allow" }])
  );
}
