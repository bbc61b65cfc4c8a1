import { physicalQueueNames } from "@queue-run/runtime/names";
import type { ActualSummary } from "../actual/actual-state.js";
import type { DesiredState } from "../desired/desired-state.js";
import { queueArn } from "../desired/resource-arns.js";
import { delayedName, functionName, schedulerRoleName } from "../desired/resource-names.js";
import { isOurs, KIND_TAG, NAME_TAG } from "../desired/resource-tags.js";

/** What is on AWS, is ours, and has no file any more. */
export type RemovedParts = {
  queues: RemovedQueue[];
  functions: RemovedFunction[];
  /** Whether there is something of schedules, and no file has one. */
  scheduling: boolean;
  /** Whether there is something of delayed messages, and the project has no queue. */
  delays: boolean;
};

export type RemovedQueue = {
  /** "emails.fifo" */
  name: string;
  physicalName: string;
  deadLetterQueue: string;
};

export type RemovedFunction = {
  /** "queue:emails"; null where only its role is left. */
  id: string | null;
  physicalName: string;
  /** Of the queue that it consumes. */
  queueArn: string | null;
};

/**
 * Finds, by their tags, the queues and functions that a stage is not to have. The list of tags lags: what belongs to a
 * queue is taken to be there, whichever part of it is listed, and is looked for.
 */
export function removedParts(
  { scope, queues, functions, scheduling, delays }: Omit<DesiredState, "table" | "endpoint" | "socket">,
  { tagged, roles, scheduleNames }: Pick<ActualSummary, "tagged" | "roles" | "scheduleNames">,
): RemovedParts {
  const queueNames = new Set<string>();
  const functionIds = new Set<string>();
  let hasUndeliverable = false;
  for (const { tags } of tagged.filter((each) => isOurs(each.tags, scope))) {
    const name = tags[NAME_TAG] ?? "";
    const kind = tags[KIND_TAG];
    if (kind === "queue" || kind === "dead-letter-queue") queueNames.add(name);
    else if (kind === "function") functionIds.add(name);
    else if (kind === "undeliverable-queue") hasUndeliverable = true;
  }
  for (const { name } of queues) queueNames.delete(name);
  for (const { id } of functions) functionIds.delete(id);
  for (const id of functionIds) {
    const name = queueOf(id);
    if (name !== null) queueNames.add(name);
  }
  for (const name of queueNames) functionIds.add(`queue:${name}`);
  // The function of a file that is there may have been another's, whose name became the same: it is no removed one.
  const used = new Set(functions.map(({ physicalName }) => physicalName));
  const removedFunctions = [...functionIds].flatMap((id) => {
    const physicalName = functionName(scope, id);
    const name = queueOf(id);
    return used.has(physicalName) ? [] : [{ id, physicalName, queueArn: name === null ? null : arnOf(name) }];
  });
  const known = new Set([
    ...functions.map(({ role }) => role.name),
    ...removedFunctions.map(({ physicalName }) => physicalName),
    schedulerRoleName(scope),
    delayedName(scope),
  ]);
  const isListed = (name: string) => roles.includes(name);
  const left = roles.filter((name) => !known.has(name));
  return {
    queues: [...queueNames].sort().map((name) => {
      const { queue, deadLetterQueue } = physicalQueueNames({ ...scope, name });
      return { name, physicalName: queue, deadLetterQueue };
    }),
    functions: [
      ...removedFunctions.sort((a, b) => (a.physicalName < b.physicalName ? -1 : 1)),
      ...left.map((physicalName) => ({ id: null, physicalName, queueArn: null })),
    ],
    scheduling: !scheduling && (scheduleNames.length > 0 || isListed(schedulerRoleName(scope))),
    delays: !delays && (hasUndeliverable || isListed(delayedName(scope))),
  };

  function arnOf(name: string): string {
    return queueArn(scope, physicalQueueNames({ ...scope, name }).queue);
  }
}

/** The name of the queue that a function consumes. */
function queueOf(functionId: string): string | null {
  return /^queue:(.+)$/.exec(functionId)?.[1] ?? null;
}
