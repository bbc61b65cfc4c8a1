import { overLimit } from "../sqs-errors.js";
import type { Delivery, ReceiveRequest } from "./broker.js";
import type { BrokerContext } from "./context.js";
import { moveToDeadLetterQueue } from "./dead-letter.js";
import { settle } from "./due.js";
import { IN_FLIGHT } from "./message-table.js";
import { readContent, saveState, sequenceNumber } from "./messages.js";
import type { QueueState, Receipt } from "./queue-state.js";
import { encodeReceiptHandle } from "./receipt-handle.js";
import type { Taken } from "./receive-attempts.js";
import type { Waiter } from "./waiters.js";

const NOTHING: Delivery = { messages: [], undo: () => {} };

/** ReceiveMessage. Throws OverLimit on a standard queue with too many messages in flight. */
export function receive(
  context: BrokerContext,
  name: string,
  request: ReceiveRequest,
  signal: AbortSignal | undefined,
): Promise<Delivery> {
  const queue = context.queue(name);
  settle(context, queue);
  if (signal?.aborted) return Promise.resolve(NOTHING);
  const again = receiveAgain(context, queue, request);
  if (again) return deliver(context, queue, again, signal);

  if (queue.waiters.size > 0) serveWaiters(context, queue);
  if (!queue.fifo && roomInFlight(context, queue) === 0) {
    throw overLimit(`The maximum number of messages in flight has been reached: ${context.maxInFlight}.`);
  }
  const taken = queue.waiters.size === 0 ? takeMessages(context, queue, request) : [];
  const waitMs = (request.waitTimeSeconds ?? queue.attributes.receiveMessageWaitTimeSeconds) * 1000;
  if (taken.length > 0 || waitMs === 0) return deliver(context, queue, taken, signal);

  return new Promise((resolve, reject) => {
    const waiter: Waiter = {
      request,
      endsAt: context.time.now() + waitMs,
      answer: resolve,
      fail: reject,
      signal,
      onAbort: () => {
        queue.waiters.remove(waiter);
        resolve(NOTHING);
      },
    };
    queue.waiters.add(waiter);
    context.time.alarm(Math.min(waiter.endsAt, queue.nextVisibleAt()));
  });
}

/** Answers waiting receives while there is something for them. */
export function serveWaiters(context: BrokerContext, queue: QueueState): void {
  if (context.journal.failure) {
    for (const waiter of queue.waiters.removeAll()) waiter.fail(context.journal.failure);
    return;
  }
  settle(context, queue);
  for (let waiter = queue.waiters.first(); waiter; waiter = queue.waiters.first()) {
    if (!queue.order.hasVisible()) return;
    try {
      const taken = takeMessages(context, queue, waiter.request);
      if (taken.length === 0) return;
      queue.waiters.remove(waiter);
      waiter.answer(deliver(context, queue, taken, waiter.signal));
    } catch (error) {
      queue.waiters.remove(waiter);
      waiter.fail(error);
    }
  }
}

const roomInFlight = (context: BrokerContext, queue: QueueState) =>
  Math.max(0, context.maxInFlight - queue.table.count(IN_FLIGHT));

/** Puts up to `maxMessages` in flight; those received too often go to the dead-letter queue instead. */
function takeMessages(context: BrokerContext, queue: QueueState, request: ReceiveRequest): Taken[] {
  const taken: Taken[] = [];
  const visibilityMs = (request.visibilityTimeoutSeconds ?? queue.attributes.visibilityTimeoutSeconds) * 1000;
  const now = context.time.now();
  queue.order.takeVisible(Math.min(request.maxMessages, roomInFlight(context, queue)), (seq) => {
    if (moveToDeadLetterQueue(context, queue, seq)) return false;
    taken.push(take(context, queue, seq, now + visibilityMs, request.held ?? false));
    return true;
  });
  if (visibilityMs === 0) {
    for (const { seq } of taken) {
      const receipt = queue.receipts.get(seq);
      if (!receipt) continue;
      queue.show(seq, receipt);
      saveState(context, queue, seq);
    }
  } else if (taken.length > 0) {
    context.time.alarm(now + visibilityMs);
  }
  if (request.receiveRequestAttemptId !== undefined && queue.fifo && taken.length > 0) {
    queue.attempts.add(request.receiveRequestAttemptId, taken, now + visibilityMs, now);
  }
  return taken;
}

function take(
  context: BrokerContext,
  queue: QueueState,
  seq: number,
  visibleAt: number,
  held: boolean,
): Taken {
  const content = readContent(context, queue, seq);
  const receiveId = context.receiveId();
  const before = queue.receipts.get(seq);
  const firstReceivedBeforeMs = before?.firstReceivedAtMs ?? 0;
  const receipt: Receipt = {
    receiveCount: (before?.receiveCount ?? 0) + 1,
    firstReceivedAtMs: firstReceivedBeforeMs || context.time.wall(),
    receiveId,
    receivedAt: context.time.now(),
    visibleAt,
    held,
  };
  queue.receipts.set(seq, receipt);
  queue.hide(seq, receipt, visibleAt);
  saveState(context, queue, seq);
  return {
    seq,
    receiveId,
    firstReceivedBeforeMs,
    message: {
      messageId: content.messageId,
      receiptHandle: encodeReceiptHandle({ queueId: queue.id, seq, receiveId }),
      body: content.body,
      attributes: content.attributes,
      traceHeader: content.traceHeader,
      sentAtMs: queue.table.sentAtMs(seq),
      firstReceivedAtMs: receipt.firstReceivedAtMs,
      receiveCount: receipt.receiveCount,
      messageGroupId: content.messageGroupId,
      messageDeduplicationId: content.messageDeduplicationId,
      sequenceNumber: queue.fifo ? sequenceNumber(seq) : null,
      deadLetterSourceArn: content.deadLetterSourceArn,
    },
  };
}

/** The same messages for the same attempt id, while none of them was changed; their visibility timeout starts anew. */
function receiveAgain(context: BrokerContext, queue: QueueState, request: ReceiveRequest): Taken[] | null {
  const id = request.receiveRequestAttemptId;
  if (id === undefined) return null;
  const now = context.time.now();
  const attempt = queue.attempts.find(id, now);
  if (!attempt) return null;
  const unchanged = attempt.messages.every(({ seq, receiveId }) => {
    const receipt = queue.receipts.get(seq);
    return receipt?.receiveId === receiveId && receipt.visibleAt === attempt.visibleAt;
  });
  if (!unchanged) {
    queue.attempts.forget(id);
    return null;
  }
  const visibilityMs = (request.visibilityTimeoutSeconds ?? queue.attributes.visibilityTimeoutSeconds) * 1000;
  for (const { seq } of attempt.messages) {
    const receipt = queue.receipts.get(seq);
    if (!receipt) continue;
    queue.hide(seq, receipt, now + visibilityMs);
    saveState(context, queue, seq);
  }
  attempt.visibleAt = now + visibilityMs;
  context.time.alarm(now + visibilityMs);
  return attempt.messages;
}

/** Answers when the receive counts are durable, or takes everything back when the client has gone meanwhile. */
async function deliver(
  context: BrokerContext,
  queue: QueueState,
  taken: Taken[],
  signal: AbortSignal | undefined,
): Promise<Delivery> {
  if (taken.length === 0) return NOTHING;
  let undone = false;
  const undo = () => {
    if (undone) return;
    undone = true;
    undoTaken(context, queue, taken);
  };
  await context.journal.committed();
  if (signal?.aborted) {
    undo();
    return NOTHING;
  }
  return { messages: taken.map(({ message }) => message), undo };
}

function undoTaken(context: BrokerContext, queue: QueueState, taken: Taken[]): void {
  if (context.journal.failure || context.queuesById.get(queue.id) !== queue) return;
  // Last first, so that the first of them is the first again.
  for (const { seq, receiveId, firstReceivedBeforeMs } of taken.toReversed()) {
    const receipt = queue.receipts.get(seq);
    // Deleted, or received again, since.
    if (receipt?.receiveId !== receiveId) continue;
    receipt.receiveCount--;
    receipt.firstReceivedAtMs = firstReceivedBeforeMs;
    if (queue.table.state(seq) === IN_FLIGHT) queue.putBack(seq, receipt);
    saveState(context, queue, seq);
  }
  context.wake(queue);
}
