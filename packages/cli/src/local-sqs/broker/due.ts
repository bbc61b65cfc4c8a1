import type { BrokerContext } from "./context.js";
import { removeMessage } from "./messages.js";
import { runMoveTasks } from "./move-task.js";
import type { QueueState } from "./queue-state.js";
import { deduplicationKey } from "./records.js";

/** Messages whose retention ended, and deduplication entries, that are removed in one go. */
const REMOVE_AT_ONCE = 1000;
/** Ended deduplication entries are forgotten this long after their time, so that they go in numbers. */
const FORGET_AFTER_MS = 10_000;

/** Lets what is due in a queue happen: before anything else is done with it, so that every answer is right. */
export function settle(context: BrokerContext, queue: QueueState): void {
  const now = context.time.now();
  if (now >= queue.nextVisibleAt() && queue.showDue(now)) context.wake(queue);
  removeExpired(context, queue);
}

/** As `settle`, for all queues and all that waits; sets the alarm for what comes next. */
export function settleAll(context: BrokerContext): void {
  if (context.journal.failure) return;
  for (const queue of context.queues.values()) {
    settle(context, queue);
    if (queue.waiters.size > 0) context.serveWaiters(queue);
    const now = context.time.now();
    for (const waiter of queue.waiters.removeEnded(now)) waiter.answer({ messages: [], undo: () => {} });
    forgetDeduplication(context, queue, now);
    context.time.alarm(nextDue(context, queue));
  }
  runMoveTasks(context);
}

function nextDue(context: BrokerContext, queue: QueueState): number {
  const forgetAt = (queue.deduplication?.nextEnd() ?? Number.POSITIVE_INFINITY) + FORGET_AFTER_MS;
  return Math.min(queue.nextVisibleAt(), queue.waiters.nextEnd(), forgetAt, nextExpiry(context, queue));
}

function removeExpired(context: BrokerContext, queue: QueueState): void {
  const retentionMs = queue.attributes.messageRetentionPeriodSeconds * 1000;
  const endMs = context.time.wall() - retentionMs;
  for (let seq = queue.oldest(); seq !== 0 && queue.table.sentAtMs(seq) <= endMs; seq = queue.oldest()) {
    removeMessage(context, queue, seq);
  }
}

function nextExpiry(context: BrokerContext, queue: QueueState): number {
  const seq = queue.oldest();
  if (seq === 0) return Number.POSITIVE_INFINITY;
  const ageMs = context.time.wall() - queue.table.sentAtMs(seq);
  return context.time.now() + queue.attributes.messageRetentionPeriodSeconds * 1000 - ageMs;
}

function forgetDeduplication(context: BrokerContext, queue: QueueState, now: number): void {
  for (const key of queue.deduplication?.removeEnded(now, REMOVE_AT_ONCE) ?? []) {
    context.journal.delete(deduplicationKey(queue.id, key));
  }
}
