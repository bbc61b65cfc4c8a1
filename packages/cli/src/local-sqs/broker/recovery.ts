import {
  SQS_DEDUPLICATION_WINDOW_SECONDS,
  SQS_MAX_DELAY_SECONDS,
  SQS_MAX_VISIBILITY_TIMEOUT_SECONDS,
} from "@queue-run/runtime/limits";
import type { BrokerContext } from "./context.js";
import type { MoveTask } from "./move-task.js";
import { QueueState } from "./queue-state.js";
import {
  decodeDeduplication,
  decodeState,
  FORMAT,
  FORMAT_KEY,
  kindRange,
  type MessageStateRecord,
  NEXT_QUEUE_ID_KEY,
  parseKey,
  parseSeq,
  type QueueRecord,
} from "./records.js";

/**
 * Reads the store into memory. Messages that a receiver in the last process held are visible; other visibility
 * timeouts, delays and deduplication windows go on where they stand by the wall clock, downtime included.
 * Throws a plain Error that says what is wrong with the store.
 */
export async function recover(context: BrokerContext): Promise<void> {
  const format = context.storage.read(FORMAT_KEY);
  if (format === undefined) {
    context.journal.put(FORMAT_KEY, FORMAT);
  } else if (format !== FORMAT) {
    throw new Error(
      `they were written by another version of queue-run (format ${format}, this one reads ${FORMAT})`,
    );
  }
  context.nextQueueId = Number(context.storage.read(NEXT_QUEUE_ID_KEY) ?? 1);
  // Handles of the last process must not fit receives of this one.
  context.startReceiveIds(1 + Math.floor(context.random.next() * 2 ** 46));

  const garbage = new Map<number, number>();
  await recoverQueues(context);
  await recoverMessages(context, garbage);
  await recoverDeduplication(context, garbage);
  await recoverMoveTasks(context);
  await forEach(context, "x", (key, value) => context.deletedAtMs.set(key.slice(2), Number(value)));
  for (const [queueId, upToSeq] of garbage) context.clearInBackground(queueId, upToSeq);
}

async function recoverQueues(context: BrokerContext): Promise<void> {
  await forEach(context, "q", (key, value) => {
    const record: QueueRecord = JSON.parse(value);
    const queue = new QueueState(parseKey(key).queueId, record, context.shuffle);
    context.queues.set(record.name, queue);
    context.queuesById.set(queue.id, queue);
  });
  await forEach(context, "s", (key, value) => {
    const queue = context.queuesById.get(parseKey(key).queueId);
    if (queue) queue.nextSeq = queue.reservedSeq = Number(value);
  });
}

async function recoverMessages(context: BrokerContext, garbage: Map<number, number>): Promise<void> {
  await forEach(context, "m", (key, value) => {
    const { queueId, rest } = parseKey(key);
    const seq = parseSeq(rest);
    const queue = context.queuesById.get(queueId);
    if (!queue) garbage.set(queueId, Number.MAX_SAFE_INTEGER);
    else if (seq <= queue.record.purgedUpTo) garbage.set(queueId, queue.record.purgedUpTo);
    else recoverMessage(context, queue, seq, decodeState(value));
  });
}

function recoverMessage(
  context: BrokerContext,
  queue: QueueState,
  seq: number,
  state: MessageStateRecord,
): void {
  const now = context.time.now();
  const inFlight = state.receiveId > 0;
  // A clock that was set back must not hide a message for longer than AWS would.
  const longestMs = (inFlight ? SQS_MAX_VISIBILITY_TIMEOUT_SECONDS : SQS_MAX_DELAY_SECONDS) * 1000;
  const hiddenForMs = Math.min(hiddenUntil(queue, state) - context.time.wall(), longestMs);
  const hidden = hiddenForMs > 0 && !(inFlight && state.held);
  queue.add(seq, state.groupId, state.sentAtMs, hidden && !inFlight ? now + hiddenForMs : 0);
  // Neither received nor, undone since, ever handed out.
  if (state.receiveCount === 0 && !inFlight) return;
  const { receiveCount, firstReceivedAtMs, receiveId } = state;
  const receipt = { receiveCount, firstReceivedAtMs, receiveId, receivedAt: now, visibleAt: 0, held: false };
  queue.receipts.set(seq, receipt);
  if (hidden && inFlight) queue.hide(seq, receipt, now + hiddenForMs);
}

/** The delay of a FIFO queue is the one that it has now. */
function hiddenUntil(queue: QueueState, state: MessageStateRecord): number {
  if (state.receiveId > 0 || !queue.fifo || state.hiddenUntilMs === 0) return state.hiddenUntilMs;
  return state.sentAtMs + queue.attributes.delaySeconds * 1000;
}

async function recoverDeduplication(context: BrokerContext, garbage: Map<number, number>): Promise<void> {
  const now = context.time.now();
  const entries: { queue: QueueState; key: string; ageMs: number }[] = [];
  await forEach(context, "d", (key, value) => {
    const { queueId, rest } = parseKey(key);
    const { seq, sentAtMs } = decodeDeduplication(value);
    const queue = context.queuesById.get(queueId);
    const ageMs = Math.max(0, context.time.wall() - sentAtMs);
    if (!queue) garbage.set(queueId, Number.MAX_SAFE_INTEGER);
    else if (seq <= queue.record.purgedUpTo) context.journal.delete(key);
    else if (ageMs >= SQS_DEDUPLICATION_WINDOW_SECONDS * 1000) context.journal.delete(key);
    else entries.push({ queue, key: rest, ageMs });
  });
  // Oldest first, which is the order in which they end.
  entries.sort((a, b) => b.ageMs - a.ageMs);
  for (const { queue, key, ageMs } of entries) queue.deduplication?.add(key, now, ageMs);
}

async function recoverMoveTasks(context: BrokerContext): Promise<void> {
  const tasks: MoveTask[] = [];
  await forEach(context, "t", (_key, value) => tasks.push(JSON.parse(value)));
  tasks.sort((a, b) => a.startedAtMs - b.startedAtMs);
  for (const task of tasks) context.moveTasks.set(task.id, task);
}

/** Page by page: a million entries one by one through an async generator would take a second longer. */
async function forEach(
  context: BrokerContext,
  kind: Parameters<typeof kindRange>[0],
  visit: (key: string, value: string) => void,
): Promise<void> {
  for await (const page of context.storage.entries(...kindRange(kind))) {
    for (const [key, value] of page) visit(key, value);
  }
}
