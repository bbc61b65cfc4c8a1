import type { IamStatement } from "@queue-run/runtime/config";
import {
  functionTimeoutSeconds,
  scheduleLeaseKey,
  socketFunctionTimeoutSeconds,
} from "@queue-run/runtime/config";
import { physicalQueueNames } from "@queue-run/runtime/names";
import type { SourceUses } from "../../build/source-uses.js";
import type { Manifest, QueueDefinition, ScheduleDefinition } from "../../project/manifest.js";
import { projectSettings } from "../../project/project-settings.js";
import { apiTimeoutSeconds } from "../../resources/api-timeout.js";
import { batchLimits } from "../../resources/batch-limits.js";
import { scheduleFunctionSettings } from "../../resources/schedule-function.js";
import { desiredEnvironment, type StageVariables } from "./desired-environment.js";
import { desiredFunctionRole } from "./desired-role.js";
import type {
  DesiredDelays,
  DesiredFunction,
  DesiredMapping,
  FunctionKind,
  StageScope,
} from "./desired-state.js";
import { type ItemAccess, leaseAccess, recordAccess } from "./item-access.js";
import { logRetentionDays } from "./log-retention.js";
import { functionArn, liveArn, queueArn } from "./resource-arns.js";
import { functionName, logGroupName, tableName } from "./resource-names.js";
import { resourceTags } from "./resource-tags.js";
import { sendArns } from "./send-targets.js";
import { CONNECTION_ACCESS } from "./socket-access.js";

/** What a function's zip is, without its bytes, and what its code does with queues and the socket. */
export type FunctionCode = {
  id: string;
  codeSha256: string;
  bytes: number;
  handler: string;
  uses: SourceUses;
};

/** What all functions of a deploy are made from. */
export type FunctionInputs = {
  manifest: Manifest;
  scope: StageScope;
  variables: StageVariables;
  /** By function id. */
  code: ReadonlyMap<string, FunctionCode>;
  /** Where messages with long delays wait. */
  delays: DesiredDelays | null;
};

/**
 * One function for each queue and each schedule, one for the API and one for the socket.
 *
 * @throws an error when one was not packaged: a defect
 */
export function desiredFunctions(inputs: FunctionInputs): DesiredFunction[] {
  const { queues, schedules, routes, socket } = inputs.manifest;
  const kinds = [
    ...queues.map((queue) => queueFunction(queue, inputs.scope)),
    ...schedules.map(scheduleFunction),
    ...(routes.length > 0 ? [apiFunction(inputs.manifest)] : []),
    ...(socket ? [socketFunction(socket)] : []),
  ];
  return kinds.map((part) => {
    const code = inputs.code.get(part.id);
    // Without it the function would seem to be one that the project no longer has.
    if (!code) throw new Error(`There is no package of the function ${part.id}.`);
    return desiredFunction(part, code, inputs);
  });
}

/** @param id - "queue:emails", "api" */
export function functionUnit(id: string): string {
  return `function:${id}`;
}

/** Where functions differ by what they are for. */
type FunctionPart = {
  id: string;
  kind: FunctionKind;
  file: string;
  memoryMegabytes: number | null;
  timeoutSeconds: number;
  permissions: readonly IamStatement[];
  consumes: { queueArn: string; deadLetterArn: string } | null;
  mapping: Omit<DesiredMapping, "functionArn"> | null;
  /** Of the item in the stage's table that keeps its runs apart; null where none does. */
  leaseKey: string | null;
  asyncInvocation: DesiredFunction["asyncInvocation"];
};

function queueFunction({ name, file, fifo, settings }: QueueDefinition, scope: StageScope): FunctionPart {
  const physical = physicalQueueNames({ project: scope.project, stage: scope.stage, name });
  const arn = queueArn(scope, physical.queue);
  return {
    id: `queue:${name}`,
    kind: "queue",
    file,
    memoryMegabytes: settings.memoryMegabytes,
    timeoutSeconds: functionTimeoutSeconds(settings, fifo),
    permissions: settings.permissions,
    consumes: { queueArn: arn, deadLetterArn: queueArn(scope, physical.deadLetterQueue) },
    mapping: {
      queueArn: arn,
      ...batchLimits(settings),
      batchWindowSeconds: Math.ceil(settings.batchWindowSeconds),
    },
    leaseKey: null,
    asyncInvocation: null,
  };
}

function scheduleFunction({ name, file, settings }: ScheduleDefinition): FunctionPart {
  return {
    id: `schedule:${name}`,
    kind: "schedule",
    file,
    memoryMegabytes: settings.memoryMegabytes,
    ...scheduleFunctionSettings(settings),
    permissions: settings.permissions,
    consumes: null,
    mapping: null,
    leaseKey: settings.overlap === "skip" ? scheduleLeaseKey(name) : null,
  };
}

function apiFunction({ routes }: Manifest): FunctionPart {
  return {
    id: "api",
    kind: "api",
    file: "api/",
    memoryMegabytes: null,
    timeoutSeconds: apiTimeoutSeconds(routes),
    permissions: [],
    consumes: null,
    mapping: null,
    leaseKey: null,
    asyncInvocation: null,
  };
}

function socketFunction({ file, settings }: NonNullable<Manifest["socket"]>): FunctionPart {
  return {
    id: "socket",
    kind: "socket",
    file,
    memoryMegabytes: settings.memoryMegabytes,
    timeoutSeconds: socketFunctionTimeoutSeconds(settings),
    permissions: settings.permissions,
    consumes: null,
    mapping: null,
    leaseKey: null,
    asyncInvocation: null,
  };
}

function desiredFunction(part: FunctionPart, code: FunctionCode, inputs: FunctionInputs): DesiredFunction {
  const { manifest, scope, variables } = inputs;
  const settings = projectSettings(manifest.settings);
  const { tags: ownTags = {}, env = {}, permissions = [] } = manifest.settings;
  const { id, kind } = part;
  const physicalName = functionName(scope, id);
  const { uses } = code;
  const targets = uses.queues;
  const pushes = targets === "all" || targets.size > 0;
  const delays = pushes || uses.cancelsAny ? inputs.delays : null;
  const usesSocket = manifest.socket !== null && (kind === "socket" || uses.usesSocket);
  const items = [...itemAccess(part, uses, manifest), ...(usesSocket ? [CONNECTION_ACCESS] : [])];
  const logGroup = logGroupName(physicalName);
  return {
    unit: functionUnit(id),
    id,
    kind,
    file: part.file,
    physicalName,
    arn: functionArn(scope, physicalName),
    code: { from: "zip", codeSha256: code.codeSha256, bytes: code.bytes },
    configuration: {
      runtime: settings.runtime,
      architecture: settings.architecture,
      handler: code.handler,
      memoryMegabytes: part.memoryMegabytes ?? settings.memoryMegabytes,
      timeoutSeconds: part.timeoutSeconds,
      vpc: settings.vpc,
    },
    environment: desiredEnvironment(
      scope,
      {
        kind,
        isBehindHttpApi: settings.http === "api-gateway",
        withUrl: manifest.routes.length > 0,
        withSocketUrl: manifest.socket !== null,
        tableName: items.length > 0 ? tableName(scope) : null,
        delays,
      },
      variables,
      env,
    ),
    role: desiredFunctionRole(
      {
        functionName: physicalName,
        id,
        logGroupName: logGroup,
        consumes: part.consumes,
        sendsTo: sendArns(targets, manifest.queues, scope),
        delays,
        usesSocket,
        items,
        inVpc: settings.vpc !== null,
        permissions: [...permissions, ...part.permissions],
      },
      scope,
      ownTags,
    ),
    logGroup: {
      name: logGroup,
      retentionDays: logRetentionDays(settings.logRetentionSeconds),
      tags: resourceTags(scope, ownTags, "log-group", id),
    },
    recursiveLoop: kind === "queue" ? "Allow" : "Terminate",
    mapping: part.mapping && { ...part.mapping, functionArn: liveArn(scope, physicalName) },
    asyncInvocation: part.asyncInvocation,
    sendsTo: targets === "all" ? manifest.queues.map(({ name }) => name) : [...targets].sort(),
    tags: resourceTags(scope, ownTags, "function", id),
  };
}

function itemAccess(
  { kind, id, leaseKey }: FunctionPart,
  { queues: targets, cancelsAny }: SourceUses,
  { queues }: Manifest,
): ItemAccess[] {
  const own = kind === "queue" ? [id.slice("queue:".length)] : [];
  const reached = targets === "all" || cancelsAny ? "all" : new Set([...targets, ...own]);
  const lease = leaseKey === null ? null : leaseAccess(leaseKey);
  return [lease, recordAccess(reached, queues)].filter((each) => each !== null);
}
