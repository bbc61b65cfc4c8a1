import { isFifoName } from "@queue-run/runtime/names";
import type { ActualQueue, ActualState } from "../actual/actual-state.js";
import { ENDPOINT_UNIT } from "../desired/desired-endpoint.js";
import { functionUnit } from "../desired/desired-functions.js";
import { queueUnit } from "../desired/desired-queues.js";
import type { DesiredState } from "../desired/desired-state.js";
import { acceptingPolicy, isRefusing } from "../desired/draining-policy.js";
import { apiName } from "../desired/resource-names.js";
import { isOurs } from "../desired/resource-tags.js";
import { isOurRole } from "./is-our-role.js";
import type { PlanDraft } from "./plan-draft.js";
import { planFunctionHeir } from "./plan-function-heir.js";
import { planUnusedScheduler } from "./plan-unused-scheduler.js";
import { planUnusedSocket } from "./plan-unused-socket.js";
import { messagesIn } from "./queue-messages.js";
import { type RemovedFunction, type RemovedQueue, removedParts } from "./removed-parts.js";
import { type QueueSenders, removedSenders } from "./removed-senders.js";
import type { Operation } from "./step.js";

/** How what has no file any more is dealt with. */
export type RemovalOptions = {
  prune: boolean;
  /** The files are those of an earlier deploy: what they lack came later, and is not gone. */
  isGoingBack: boolean;
};

/** Queues, functions and the endpoint that the project no longer has: they stay, or go when nothing waits in them. */
export function planRemoved(
  draft: PlanDraft,
  desired: DesiredState,
  actual: ActualState,
  options: RemovalOptions,
): void {
  const parts = removedParts(desired, actual);
  const { queues, functions } = parts;
  const sendersTo = removedSenders(parts, actual, desired.scope);
  for (const queue of queues) {
    const { queue: found, deadLetters } = foundQueues(queue, desired, actual);
    if (found || deadLetters) planFunctionHeir(draft, desired, queue.name);
    if (options.prune) pruneQueue(draft, queue, sendersTo(queue), desired, actual);
    else keepQueue(draft, queue, desired, actual, options.isGoingBack);
  }
  const held = new Set(queues.flatMap((queue) => (sendersTo(queue).isHeld ? [`queue:${queue.name}`] : [])));
  const before = options.prune && !desired.endpoint ? pruneApi(draft, desired.scope, actual) : [];
  /** By name, the step that deletes a function. */
  const deleted = new Map<string, string>();
  for (const fn of functions) {
    if (!options.prune || held.has(fn.id ?? "")) keepFunction(draft, fn, actual, options.isGoingBack);
    else {
      const step = pruneFunction(draft, fn, desired, actual, fn.id === "api" ? before : []);
      if (step !== null) deleted.set(fn.physicalName, step);
    }
  }
  if (options.prune && !desired.socket) planUnusedSocket(draft, parts, deleted, desired, actual);
  // Jobs of a queue that stays may push with a delay.
  if (options.prune)
    planUnusedScheduler(draft, { ...parts, delays: parts.delays && held.size === 0 }, desired, actual);
}

/** The queue of a file that is gone and its dead-letter queue, as far as they are there and ours. */
function foundQueues(
  { physicalName, deadLetterQueue }: RemovedQueue,
  { scope }: DesiredState,
  actual: ActualState,
): { queue: ActualQueue | null; deadLetters: ActualQueue | null } {
  const ours = (name: string): ActualQueue | null => {
    const found = actual.queues[name];
    return found && isOurs(found.tags, scope) ? found : null;
  };
  return { queue: ours(physicalName), deadLetters: ours(deadLetterQueue) };
}

function pruneQueue(
  draft: PlanDraft,
  removed: RemovedQueue,
  senders: QueueSenders,
  desired: DesiredState,
  actual: ActualState,
): void {
  const { queue, deadLetters } = foundQueues(removed, desired, actual);
  if (!queue && !deadLetters) return;
  if (senders.isHeld) {
    draft.note(
      `queue ${removed.name} stays: what pushes to it was made or removed just now; run again in a minute`,
    );
    return;
  }
  const operation = {
    type: "delete-empty-queue",
    queue: removed.physicalName,
    deadLetterQueue: deadLetters ? removed.deadLetterQueue : null,
    functionName: senders.consumer?.physicalName ?? null,
    fedBy: senders.eachOther,
  } satisfies Operation;
  const after = senders.before.map((name) => `delete-function ${name}`);
  draft.step({ unit: queueUnit(removed.name), phase: "remove", operation, after });
}

function keepQueue(
  draft: PlanDraft,
  removed: RemovedQueue,
  desired: DesiredState,
  actual: ActualState,
  isGoingBack: boolean,
): void {
  const { name, physicalName } = removed;
  const { queue, deadLetters } = foundQueues(removed, desired, actual);
  if (!queue && !deadLetters) return;
  const policy = queue?.attributes.Policy;
  if (isRefusing(policy)) {
    const operation = {
      type: "set-queue-attributes",
      physicalName,
      attributes: { Policy: acceptingPolicy(policy) },
    } as const;
    const changes = [{ setting: "Policy", from: "refuses messages", to: "takes messages" }];
    draft.step({ unit: queueUnit(name), phase: "prepare", operation, changes });
  }
  if (isGoingBack) {
    draft.note(`queue ${name} came later: it stays, with its consumer, as it is`);
    return;
  }
  const held = `${messagesIn(queue)} waiting, ${messagesIn(deadLetters)} dead-lettered`;
  draft.note(
    `queue ${name} has no file any more: it stays, with its consumer (${held}); --prune removes it once it is empty`,
  );
  const other = isFifoName(name) ? name.slice(0, -".fifo".length) : `${name}.fifo`;
  if (desired.queues.some((each) => each.name === other))
    draft.note(
      `queue ${other} is a new queue, since SQS cannot make a ${isFifoName(name) ? "FIFO queue standard" : "standard queue FIFO"}; what waits in ${name} is handled by its own consumer`,
    );
}

/**
 * @param first - ids of steps that come before the function goes
 * @returns the step that deletes the function; null where none does
 */
function pruneFunction(
  draft: PlanDraft,
  { id, physicalName, queueArn }: RemovedFunction,
  { scope }: DesiredState,
  actual: ActualState,
  first: readonly string[],
): string | null {
  const found = actual.functions[physicalName];
  // A function of which only the role is listed may be just made, and has a queue or an address that nobody named.
  if (!found || (id === null && found.latest !== null)) return null;
  const unit = functionUnit(id ?? physicalName);
  const phase = "remove";
  const functionName = physicalName;
  const isFunctionOurs = found.latest !== null && isOurs(found.tags, scope);
  const queueName = queueArn?.split(":").at(-1);
  const before = [...first, queueName === undefined ? null : `delete-empty-queue ${queueName}`];
  if (isFunctionOurs && id === "api" && actual.endpoint?.functionUrl) {
    const operation = { type: "delete-function-url", functionName } as const;
    before.push(draft.step({ unit: ENDPOINT_UNIT, phase, operation }));
  }
  // With its queue there, the mapping goes with that.
  if (found.mapping && !hasQueue(queueArn, actual)) {
    const operation = { type: "delete-mapping", uuid: found.mapping.uuid, functionName } as const;
    before.push(draft.step({ unit, phase, operation }));
  }
  const deleted = isFunctionOurs
    ? draft.step({ unit, phase, operation: { type: "delete-function", functionName }, after: before })
    : null;
  if (isOurRole(found.role, scope) && (isFunctionOurs || found.latest === null)) {
    const operation = { type: "delete-role", roleName: physicalName } as const;
    draft.step({ unit, phase, operation, after: [...before, deleted] });
  }
  return deleted;
}

function hasQueue(queueArn: string | null, actual: ActualState): boolean {
  const name = queueArn?.split(":").at(-1);
  return name !== undefined && Boolean(actual.queues[name]);
}

/**
 * The HTTP API of removed routes goes, whether the function that it invoked is there or not.
 *
 * @returns the ids of the steps that remove it
 */
function pruneApi(draft: PlanDraft, scope: DesiredState["scope"], actual: ActualState): string[] {
  if (!actual.endpoint?.api) return [];
  const operation = { type: "delete-api", name: apiName(scope) } as const;
  return [draft.step({ unit: ENDPOINT_UNIT, phase: "remove", operation })];
}

function keepFunction(
  draft: PlanDraft,
  { id, physicalName }: RemovedFunction,
  actual: ActualState,
  isGoingBack: boolean,
): void {
  const [kind, name] = id?.split(":") ?? [];
  if (!actual.functions[physicalName]?.latest || kind === "queue") return;
  const hasAddress = kind === "api" || kind === "socket";
  const what =
    kind === "schedule"
      ? `schedule ${name}`
      : hasAddress
        ? `the ${kind === "api" ? "API" : kind}`
        : `function ${physicalName}`;
  if (isGoingBack) {
    draft.note(`${what} came later: its function stays as it is`);
    return;
  }
  const stays = hasAddress
    ? "its function and its address stay"
    : "it no longer runs, and its function stays";
  draft.note(`${what} has no file any more: ${stays}; --prune removes ${hasAddress ? "them" : "it"}`);
}
