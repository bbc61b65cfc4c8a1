import { DELETED_QUEUE_SECONDS, PURGE_SECONDS } from "../limits.js";
import {
  invalidValue,
  purgeQueueInProgress,
  queueDeletedRecently,
  queueDoesNotExist,
  queueNameExists,
} from "../sqs-errors.js";
import type { AttributeChanges, QueueAttributes, QueueView } from "./broker.js";
import type { BrokerContext } from "./context.js";
import { DEFAULT_ATTRIBUTES, differingAttribute } from "./default-attributes.js";
import { settle } from "./due.js";
import { DELAYED, IN_FLIGHT, VISIBLE } from "./message-table.js";
import { saveMoveTask } from "./move-task.js";
import { QueueState } from "./queue-state.js";
import { deletedQueueKey, NEXT_QUEUE_ID_KEY, queueKey, reservedKey } from "./records.js";

/** CreateQueue. One that exists with the same attributes is left as it is; throws QueueNameExists, QueueDeletedRecently. */
export function createQueue(
  context: BrokerContext,
  name: string,
  attributes: Partial<QueueAttributes>,
  tags: Record<string, string>,
): Promise<void> {
  context.journal.assertHealthy();
  const existing = context.queues.get(name);
  if (existing) {
    const different = differingAttribute(attributes, existing.attributes);
    if (different) throw queueNameExists(different);
    return context.journal.committed();
  }
  const nowMs = context.time.wall();
  const deletedAtMs = context.deletedAtMs.get(name);
  if (deletedAtMs !== undefined && Math.abs(nowMs - deletedAtMs) < DELETED_QUEUE_SECONDS * 1000)
    throw queueDeletedRecently();
  const all: QueueAttributes = { ...DEFAULT_ATTRIBUTES, ...attributes, passive: { ...attributes.passive } };
  checkRedrivePolicy(context, all);

  const queue = new QueueState(
    context.nextQueueId++,
    {
      name,
      attributes: all,
      deduplicationScope: all.deduplicationScope,
      tags: { ...tags },
      createdAtMs: nowMs,
      lastModifiedAtMs: nowMs,
      purgedUpTo: 0,
      purgedAtMs: null,
    },
    context.shuffle,
  );
  context.queues.set(name, queue);
  context.queuesById.set(queue.id, queue);
  context.journal.put(NEXT_QUEUE_ID_KEY, String(context.nextQueueId));
  context.saveQueue(queue);
  if (deletedAtMs !== undefined) {
    context.deletedAtMs.delete(name);
    context.journal.delete(deletedQueueKey(name));
  }
  return context.journal.committed();
}

/** DeleteQueue, with all that is in it. Waiting receives are answered QueueDoesNotExist. */
export function deleteQueue(context: BrokerContext, name: string): Promise<void> {
  const queue = context.queue(name);
  context.queues.delete(name);
  context.queuesById.delete(queue.id);
  context.deletedAtMs.set(name, context.time.wall());
  context.journal.put(deletedQueueKey(name), String(context.time.wall()));
  context.journal.delete(queueKey(queue.id));
  context.journal.delete(reservedKey(queue.id));
  for (const waiter of queue.waiters.removeAll()) waiter.fail(queueDoesNotExist());
  queue.clear();
  for (const task of context.moveTasks.values()) {
    if (task.sourceName !== name || task.status !== "RUNNING") continue;
    task.status = "FAILED";
    task.failureReason = "AWS.SimpleQueueService.NonExistentQueue";
    saveMoveTask(context, task);
  }
  return clearWhenCommitted(context, queue, Number.MAX_SAFE_INTEGER);
}

/** PurgeQueue: everything in it, in flight and delayed too, and what it knows of duplicates (observed on AWS). */
export function purgeQueue(context: BrokerContext, name: string): Promise<void> {
  const queue = context.queue(name);
  const nowMs = context.time.wall();
  const { purgedAtMs } = queue.record;
  if (purgedAtMs !== null && Math.abs(nowMs - purgedAtMs) < PURGE_SECONDS * 1000)
    throw purgeQueueInProgress(name);
  queue.record.purgedUpTo = queue.nextSeq - 1;
  queue.record.purgedAtMs = nowMs;
  queue.clear();
  context.saveQueue(queue);
  return clearWhenCommitted(context, queue, queue.record.purgedUpTo);
}

/** SetQueueAttributes. */
export function setQueueAttributes(
  context: BrokerContext,
  name: string,
  changes: AttributeChanges,
): Promise<void> {
  const queue = context.queue(name);
  settle(context, queue);
  const { passive: passiveChanges = {}, ...rest } = changes;
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  const passive = { ...queue.attributes.passive };
  for (const [attribute, value] of Object.entries(passiveChanges)) {
    if (value === null) delete passive[attribute];
    else passive[attribute] = value;
  }
  const attributes: QueueAttributes = { ...queue.attributes, ...given, passive };
  if (changes.redrivePolicy) checkRedrivePolicy(context, attributes);
  // A new delay counts for messages that are already there on a FIFO queue only. Developer Guide, "Delay queues".
  const delayChangeMs = (attributes.delaySeconds - queue.attributes.delaySeconds) * 1000;
  if (queue.fifo && delayChangeMs !== 0) queue.shiftDelays(delayChangeMs);
  queue.record.attributes = attributes;
  queue.record.lastModifiedAtMs = context.time.wall();
  context.saveQueue(queue);
  settle(context, queue);
  context.time.alarm(queue.nextVisibleAt());
  return context.journal.committed();
}

export function tagQueue(context: BrokerContext, name: string, tags: Record<string, string>): Promise<void> {
  const queue = context.queue(name);
  queue.record.tags = { ...queue.record.tags, ...tags };
  context.saveQueue(queue);
  return context.journal.committed();
}

export function untagQueue(context: BrokerContext, name: string, keys: string[]): Promise<void> {
  const queue = context.queue(name);
  queue.record.tags = Object.fromEntries(
    Object.entries(queue.record.tags).filter(([key]) => !keys.includes(key)),
  );
  context.saveQueue(queue);
  return context.journal.committed();
}

/** A snapshot of a queue; attributes and tags are replaced when they change, never changed in place. */
export function viewQueue(context: BrokerContext, name: string): QueueView {
  const queue = context.queue(name);
  settle(context, queue);
  const oldest = queue.oldest();
  return {
    name,
    attributes: queue.record.attributes,
    tags: queue.record.tags,
    createdAtMs: queue.record.createdAtMs,
    lastModifiedAtMs: queue.record.lastModifiedAtMs,
    visibleCount: queue.table.count(VISIBLE),
    inFlightCount: queue.table.count(IN_FLIGHT),
    delayedCount: queue.table.count(DELAYED),
    oldestSentAtMs: oldest === 0 ? null : queue.table.sentAtMs(oldest),
  };
}

function checkRedrivePolicy(context: BrokerContext, { redrivePolicy, fifoQueue }: QueueAttributes): void {
  if (!redrivePolicy) return;
  const target = context.queueOfArn(redrivePolicy.deadLetterTargetArn);
  const value = JSON.stringify(redrivePolicy);
  if (!target) throw invalidValue(value, "RedrivePolicy", "Dead letter target does not exist.");
  if (target.fifo !== fifoQueue) {
    throw invalidValue(value, "RedrivePolicy", "Dead-letter queue must be same type of queue as the source.");
  }
}

/** Resolves when the queue's record is written; what it made garbage goes afterwards, or at the next start. */
async function clearWhenCommitted(context: BrokerContext, queue: QueueState, upToSeq: number): Promise<void> {
  await context.journal.committed();
  context.clearInBackground(queue.id, upToSeq);
}
