import type {
  ActualDetails,
  ActualFunction,
  ActualMapping,
  ActualQueue,
  ActualRole,
  ActualSchedule,
  ActualState,
  ActualSummary,
  ActualTable,
  ActualVersion,
} from "../actual/actual-state.js";
import type { Addresses } from "../desired/addresses.js";
import type { DesiredState, Tags } from "../desired/desired-state.js";
import {
  functionArn,
  logGroupArn,
  nameInArn,
  queueArn,
  scheduleGroupArn,
  tableArn,
} from "../desired/resource-arns.js";
import {
  delayedName,
  functionName,
  logGroupName,
  rolePath,
  scheduleGroupName,
  schedulerRoleName,
  tableName,
} from "../desired/resource-names.js";
import { detailsToRead } from "../plan/details-to-read.js";
import type { PlanOptions } from "../plan/plan-options.js";

/** For tests: a stage's resources as AWS would have them, in memory. */
export type ModelStage = Addresses & {
  table: ActualTable | null;
  /** By physical name. */
  queues: Map<string, ActualQueue>;
  roles: Map<string, ActualRole>;
  logGroups: Map<string, { retentionDays: number | null; tags: Tags }>;
  functions: Map<string, ModelFunction>;
  mappings: ActualMapping[];
  /** By name of function. */
  functionUrls: Map<string, { url: string; authType: string; invokeMode: string; hasCors: boolean }>;
  /** Of aliases, by name of function: whom each statement lets in. */
  permissions: Map<string, Record<string, string>>;
  api: NonNullable<NonNullable<ActualState["endpoint"]>["api"]> | null;
  socketApi: NonNullable<ActualState["socket"]>["api"];
  /** By name. */
  scheduleGroups: Map<string, { tags: Tags }>;
  schedules: Map<string, ActualSchedule>;
  /** What deploys leave in the table. */
  recorded: Record<string, string>;
  /** What the list of tags still holds, and is gone. */
  ghosts: { arn: string; tags: Tags }[];
  /** ARNs of what the list of tags does not hold yet. */
  unlisted: Set<string>;
  /** Makes ids. */
  count: number;
};

export type ModelFunction = {
  latest: ActualVersion;
  tags: Tags;
  /** Published ones, oldest first. */
  versions: ActualVersion[];
  /** What the alias `live` points at. */
  live: string | null;
  sharesCalls: boolean;
  recursiveLoop: "Allow" | "Terminate";
  asyncInvocation: ActualFunction["asyncInvocation"];
};

export function emptyStage(): ModelStage {
  return {
    table: null,
    queues: new Map(),
    roles: new Map(),
    logGroups: new Map(),
    functions: new Map(),
    mappings: [],
    functionUrls: new Map(),
    permissions: new Map(),
    api: null,
    socketApi: null,
    scheduleGroups: new Map(),
    schedules: new Map(),
    recorded: {},
    url: null,
    socketUrl: null,
    ghosts: [],
    unlisted: new Set(),
    count: 0,
  };
}

/** Reads a model in two strides, as AWS is read: details of those parts alone that are asked for. */
export function readModel(
  stage: ModelStage,
  desired: DesiredState,
  options: Partial<PlanOptions> = {},
): ActualState {
  const summary = modelSummary(stage, desired);
  let details: ActualDetails = {
    table: undefined,
    queues: {},
    functions: {},
    endpoint: undefined,
    socket: undefined,
    scheduling: undefined,
    delays: undefined,
  };
  for (
    let toRead = detailsToRead(desired, { ...summary, ...details }, options);
    toRead;
    toRead = detailsToRead(desired, { ...summary, ...details }, options)
  ) {
    const queues = toRead.queues.map((name) => [name, stage.queues.get(name) ?? null]);
    const functions = toRead.functions.map(({ physicalName }) => [
      physicalName,
      modelFunction(stage, physicalName),
    ]);
    details = {
      table: toRead.table ? stage.table : details.table,
      queues: { ...details.queues, ...Object.fromEntries(queues) },
      functions: { ...details.functions, ...Object.fromEntries(functions) },
      endpoint: toRead.endpoint ? modelEndpoint(stage, desired) : details.endpoint,
      socket: toRead.socket ? modelSocket(stage, desired) : details.socket,
      scheduling: toRead.scheduling ? modelScheduling(stage, desired) : details.scheduling,
      delays: toRead.delays ? modelDelays(stage, desired) : details.delays,
    };
  }
  return structuredClone({ ...summary, ...details });
}

function modelSummary(stage: ModelStage, { scope }: DesiredState): ActualSummary {
  const tagged = [
    ...(stage.table ? [{ arn: tableArn(scope, tableName(scope)), tags: stage.table.tags }] : []),
    ...[...stage.queues].map(([name, { tags }]) => ({ arn: queueArn(scope, name), tags })),
    ...[...stage.functions].map(([name, { tags }]) => ({ arn: functionArn(scope, name), tags })),
    ...[...stage.logGroups].map(([name, { tags }]) => ({ arn: logGroupArn(scope, name), tags })),
    ...(stage.socketApi
      ? [{ arn: `arn:aws:apigateway::/apis/${stage.socketApi.id}`, tags: stage.socketApi.tags }]
      : []),
    ...[...stage.scheduleGroups].map(([name, { tags }]) => ({ arn: scheduleGroupArn(scope, name), tags })),
  ];
  const listed = tagged.filter(({ arn }) => !stage.unlisted.has(arn));
  const there = new Set(tagged.map(({ arn }) => arn));
  return {
    recorded: { ...stage.recorded },
    live: {},
    url: stage.url,
    socketUrl: stage.socketUrl,
    tagged: [...listed, ...stage.ghosts.filter(({ arn }) => !there.has(arn))],
    roles: [...stage.roles].filter(([, { path }]) => path === rolePath(scope)).map(([name]) => name),
    scheduleNames: [...stage.schedules.keys()],
  };
}

function modelFunction(stage: ModelStage, name: string): ActualFunction | null {
  const found = stage.functions.get(name);
  const role = stage.roles.get(name) ?? null;
  const logGroup = stage.logGroups.get(logGroupName(name)) ?? null;
  const mapping = stage.mappings.find(({ functionArn }) => isOf(functionArn, name)) ?? null;
  if (!found && !role && !logGroup && !mapping) return null;
  return {
    role,
    logGroup,
    mapping,
    latest: found?.latest ?? null,
    tags: found?.tags ?? {},
    live: found ? liveVersion(found) : null,
    sharesCalls: found?.sharesCalls ?? false,
    recursiveLoop: found?.recursiveLoop ?? null,
    asyncInvocation: found?.asyncInvocation ?? null,
  };
}

export function liveVersion({ versions, live }: ModelFunction): ActualVersion | null {
  return versions.find(({ version }) => version === live) ?? null;
}

/** Whether an ARN is of a function, with or without a qualifier. */
export function isOf(arn: string, functionName: string): boolean {
  return arn.split(":")[6] === functionName;
}

function modelEndpoint(stage: ModelStage, desired: DesiredState): ActualState["endpoint"] {
  const name =
    desired.endpoint?.functionName ??
    [...stage.functions.keys()].find((each) => nameInArn(each).endsWith("-api")) ??
    "";
  const functionUrl = stage.functionUrls.get(name) ?? null;
  const permissions = stage.permissions.get(name) ?? {};
  if (!functionUrl && !stage.api && isEmpty(permissions)) return null;
  return { functionUrl, api: stage.api, permissions };
}

function isEmpty(record: object): boolean {
  return Object.keys(record).length === 0;
}

function modelSocket(stage: ModelStage, { scope }: DesiredState): ActualState["socket"] {
  const permissions = stage.permissions.get(functionName(scope, "socket")) ?? {};
  return stage.socketApi || !isEmpty(permissions) ? { api: stage.socketApi, permissions } : null;
}

function modelScheduling(stage: ModelStage, { scope }: DesiredState): ActualState["scheduling"] {
  const role = stage.roles.get(schedulerRoleName(scope)) ?? null;
  const group = stage.scheduleGroups.get(scheduleGroupName(scope)) ?? null;
  return group || role ? { group, role, schedules: Object.fromEntries(stage.schedules) } : null;
}

function modelDelays(stage: ModelStage, { scope }: DesiredState): ActualState["delays"] {
  const role = stage.roles.get(delayedName(scope)) ?? null;
  const group = stage.scheduleGroups.get(delayedName(scope)) ?? null;
  return group || role ? { group, role } : null;
}
