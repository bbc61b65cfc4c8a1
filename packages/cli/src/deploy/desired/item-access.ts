import type { IamStatement } from "@queue-run/runtime/config";
import type { SendTargets } from "../../build/source-uses.js";
import type { QueueDefinition } from "../../project/manifest.js";

/** Which items of the stage's table a function uses, and how. */
export type ItemAccess = {
  /** IAM's actions. */
  actions: readonly string[];
  /** Values of the partition key `pk`, as `operator` compares them. */
  keys: readonly string[];
  /** Of IAM: with "StringLike", `*` in a key is any text. */
  operator: "StringEquals" | "StringLike";
};

/** What a schedule's function does with the item that keeps its runs apart. */
const LEASE_ACTIONS = ["dynamodb:UpdateItem", "dynamodb:DeleteItem"];

/** What pushing, running, cancelling and asking for tracked jobs do with their records. docs/decisions/job-records.md */
const RECORD_ACTIONS = [
  "dynamodb:BatchGetItem",
  "dynamodb:BatchWriteItem",
  "dynamodb:DeleteItem",
  "dynamodb:GetItem",
  "dynamodb:PutItem",
  "dynamodb:Query",
  "dynamodb:UpdateItem",
];

/** Beyond this many queues, one pattern is for all of them: a policy has little room. */
const MAX_LISTED_QUEUES = 20;

/** @param key - of the item */
export function leaseAccess(key: string): ItemAccess {
  return { actions: LEASE_ACTIONS, keys: [key], operator: "StringEquals" };
}

/**
 * The records of tracked queues' jobs.
 *
 * @param reached - the queues whose records a function uses: those that it refers to, and the one that it consumes
 * @param queues - the project's
 * @returns null where none of them is tracked
 */
export function recordAccess(
  reached: SendTargets,
  queues: readonly Pick<QueueDefinition, "name" | "fifo" | "settings">[],
): ItemAccess | null {
  const tracked = queues.filter(
    ({ name, settings }) => settings.track && (reached === "all" || reached.has(name)),
  );
  if (tracked.length === 0) return null;
  const keys =
    tracked.length > MAX_LISTED_QUEUES
      ? keysOf("*", true, true)
      : tracked.flatMap(({ name, fifo, settings }) => keysOf(name, fifo, settings.limits.pending !== null));
  return { actions: RECORD_ACTIONS, keys: [...new Set(keys)].sort(), operator: "StringLike" };
}

function keysOf(queue: string, isFifo: boolean, isLimited: boolean): string[] {
  return [
    ...[`job#${queue}#*`, `tag#${queue}#*`],
    ...(isFifo ? [`dedupe#${queue}#*`] : []),
    ...(isLimited ? [`pending#${queue}#*`] : []),
  ];
}

/** Items of these partition keys alone. DynamoDB Developer Guide, "Using IAM policy conditions". */
export function itemStatement(tableArn: string, { actions, keys, operator }: ItemAccess): IamStatement {
  return {
    Effect: "Allow",
    Action: [...actions],
    Resource: [tableArn],
    Condition: { [`ForAllValues:${operator}`]: { "dynamodb:LeadingKeys": [...keys] } },
  };
}
