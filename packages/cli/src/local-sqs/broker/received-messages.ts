import { SQS_MAX_VISIBILITY_TIMEOUT_SECONDS } from "@queue-run/runtime/limits";
import {
  messageNotAvailable,
  receiptHandleExpired,
  receiptHandleIsInvalid,
  visibilityTimeoutTooLong,
} from "../sqs-errors.js";
import type { BrokerContext } from "./context.js";
import { settle } from "./due.js";
import { GONE, IN_FLIGHT } from "./message-table.js";
import { removeMessage, saveState } from "./messages.js";
import type { QueueState } from "./queue-state.js";
import { decodeReceiptHandle, type ReceiptHandle } from "./receipt-handle.js";

/**
 * DeleteMessage. Deleting again succeeds. A standard queue takes any handle that the message ever had, so that a
 * deletion that was acknowledged is one; a FIFO queue only that of the receive that is still in flight.
 */
export function deleteMessage(context: BrokerContext, name: string, receiptHandle: string): Promise<void> {
  const queue = context.queue(name);
  settle(context, queue);
  const handle = handleOf(queue, receiptHandle);
  if (queue.table.state(handle.seq) === GONE) return context.journal.committed();
  if (queue.fifo && !isCurrent(queue, handle)) throw receiptHandleExpired(receiptHandle);
  removeMessage(context, queue, handle.seq);
  return context.journal.committed();
}

/**
 * ChangeMessageVisibility. On a standard queue a message whose timeout has passed is hidden again (AWS answers 200), and
 * one that another has received since is left to that other: a change applies to the handle's own receive only. A FIFO
 * queue refuses the expired handle.
 */
export function changeMessageVisibility(
  context: BrokerContext,
  name: string,
  receiptHandle: string,
  visibilityTimeoutSeconds: number,
): Promise<void> {
  const queue = context.queue(name);
  settle(context, queue);
  const handle = handleOf(queue, receiptHandle);
  const { seq } = handle;
  const receipt = queue.receipts.get(seq);
  if (queue.table.state(seq) === GONE || !receipt) throw messageNotAvailable(receiptHandle);
  if (queue.fifo && !isCurrent(queue, handle)) throw receiptHandleExpired(receiptHandle);

  const now = context.time.now();
  const visibleAt = now + visibilityTimeoutSeconds * 1000;
  const inFlight = queue.table.state(seq) === IN_FLIGHT;
  if (inFlight && !isCurrent(queue, handle)) return context.journal.committed();
  if (inFlight && visibleAt > receipt.receivedAt + SQS_MAX_VISIBILITY_TIMEOUT_SECONDS * 1000) {
    throw visibilityTimeoutTooLong(visibilityTimeoutSeconds);
  }
  if (visibilityTimeoutSeconds > 0) {
    queue.hide(seq, receipt, visibleAt);
    context.time.alarm(visibleAt);
  } else if (inFlight) {
    queue.show(seq, receipt);
    context.wake(queue);
  }
  saveState(context, queue, seq);
  return context.journal.committed();
}

/** See `Broker.release`. */
export function release(
  context: BrokerContext,
  name: string,
  receiptHandles: readonly string[],
): Promise<void> {
  const queue = context.queue(name);
  settle(context, queue);
  for (const receiptHandle of receiptHandles) {
    const handle = handleOf(queue, receiptHandle);
    const receipt = queue.receipts.get(handle.seq);
    if (!receipt?.held || !isCurrent(queue, handle)) continue;
    receipt.held = false;
    saveState(context, queue, handle.seq);
  }
  return context.journal.committed();
}

function handleOf(queue: QueueState, receiptHandle: string): ReceiptHandle {
  const handle = decodeReceiptHandle(receiptHandle);
  if (handle?.queueId !== queue.id) throw receiptHandleIsInvalid(receiptHandle);
  return handle;
}

const isCurrent = (queue: QueueState, handle: ReceiptHandle) =>
  queue.table.state(handle.seq) === IN_FLIGHT &&
  queue.receipts.get(handle.seq)?.receiveId === handle.receiveId;
