import { physicalQueueNames } from "@queue-run/runtime/names";
import type { ActualSummary } from "../actual/actual-state.js";
import type { DesiredState } from "../desired/desired-state.js";
import { nameInArn, queueArn } from "../desired/resource-arns.js";
import { schedulerRoleName } from "../desired/resource-names.js";
import { isOurs, KIND_TAG, NAME_TAG } from "../desired/resource-tags.js";

/** What is on AWS, is ours, and has no file any more. */
export type RemovedParts = {
  queues: RemovedQueue[];
  functions: RemovedFunction[];
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

/** Finds, by their tags, the queues and functions that a stage is not to have. */
export function removedParts(
  { scope, queues, functions }: Pick<DesiredState, "scope" | "queues" | "functions">,
  { tagged, roles }: Pick<ActualSummary, "tagged" | "roles">,
): RemovedParts {
  const ours = tagged.filter(({ tags }) => isOurs(tags, scope));
  const queueNames = new Set<string>();
  const removedFunctions: RemovedFunction[] = [];
  for (const { arn, tags } of ours) {
    const name = tags[NAME_TAG] ?? "";
    const kind = tags[KIND_TAG];
    if (kind === "queue" || kind === "dead-letter-queue") {
      if (!queues.some((queue) => queue.name === name)) queueNames.add(name);
    } else if (kind === "function" && !functions.some(({ id }) => id === name)) {
      removedFunctions.push({ id: name, physicalName: nameInArn(arn), queueArn: consumedArn(name, scope) });
    }
  }
  removedFunctions.sort((a, b) => (a.physicalName < b.physicalName ? -1 : 1));
  const known = new Set([
    ...functions.map(({ role }) => role.name),
    ...removedFunctions.map(({ physicalName }) => physicalName),
    schedulerRoleName(scope),
  ]);
  const left = roles.filter((name) => !known.has(name));
  return {
    queues: [...queueNames].sort().map((name) => {
      const { queue, deadLetterQueue } = physicalQueueNames({ ...scope, name });
      return { name, physicalName: queue, deadLetterQueue };
    }),
    functions: [
      ...removedFunctions,
      ...left.map((physicalName) => ({ id: null, physicalName, queueArn: null })),
    ],
  };
}

function consumedArn(id: string, scope: DesiredState["scope"]): string | null {
  const name = /^queue:(.+)$/.exec(id)?.[1];
  return name === undefined ? null : queueArn(scope, physicalQueueNames({ ...scope, name }).queue);
}
