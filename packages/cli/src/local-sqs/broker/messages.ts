import { localStoreCorrupt } from "../../errors/local-store-errors.js";
import type { BrokerContext } from "./context.js";
import type { QueueState } from "./queue-state.js";
import {
  contentKey,
  decodeContent,
  encodeContent,
  encodeState,
  type MessageContent,
  reservedKey,
  stateKey,
} from "./records.js";

/** Numbers that are reserved in the store at a time, so that a number is never used again after a restart. */
const RESERVE = 65_536;

export type NewMessage = {
  content: MessageContent;
  sentAtMs: number;
  /** 0: visible at once. */
  delayMs: number;
  receiveCount: number;
  firstReceivedAtMs: number;
};

/** Adds a message to a queue, in memory and in the journal. Returns its number. */
export function appendMessage(context: BrokerContext, queue: QueueState, message: NewMessage): number {
  const { content, sentAtMs, delayMs, receiveCount, firstReceivedAtMs } = message;
  const seq = queue.nextSeq++;
  if (seq >= queue.reservedSeq) {
    queue.reservedSeq = seq + RESERVE;
    context.journal.put(reservedKey(queue.id), String(queue.reservedSeq));
  }
  const groupId = queue.fifo ? content.messageGroupId : null;
  const visibleAt = delayMs > 0 ? context.time.now() + delayMs : 0;
  if (receiveCount > 0) {
    queue.receipts.set(seq, {
      receiveCount,
      firstReceivedAtMs,
      receiveId: 0,
      receivedAt: 0,
      visibleAt: 0,
      held: false,
    });
  }
  queue.add(seq, groupId, sentAtMs, visibleAt);
  const key = contentKey(queue.id, seq);
  context.contents.add(key, content);
  context.journal.putFresh(key, encodeContent(content));
  const hiddenUntilMs = delayMs > 0 ? context.time.wall() + delayMs : 0;
  context.journal.putFresh(
    stateKey(queue.id, seq),
    encodeState({
      sentAtMs,
      receiveCount,
      firstReceivedAtMs,
      hiddenUntilMs,
      receiveId: 0,
      held: false,
      groupId,
    }),
  );
  context.time.alarm(context.time.now() + queue.attributes.messageRetentionPeriodSeconds * 1000);
  if (visibleAt > 0) context.time.alarm(visibleAt);
  else context.wake(queue);
  return seq;
}

/** Removes a message for good, in memory and in the journal. */
export function removeMessage(context: BrokerContext, queue: QueueState, seq: number): void {
  queue.remove(seq);
  const key = contentKey(queue.id, seq);
  context.contents.remove(key);
  context.journal.delete(key);
  context.journal.delete(stateKey(queue.id, seq));
  // The next of its group may be visible now.
  if (queue.fifo) context.wake(queue);
}

/** What was sent; from memory while the message is young, else from the store. */
export function readContent(context: BrokerContext, queue: QueueState, seq: number): MessageContent {
  const key = contentKey(queue.id, seq);
  const cached = context.contents.get(key);
  if (cached) return cached;
  const text = context.journal.read(key);
  if (text === undefined)
    throw localStoreCorrupt(
      context.storage.location,
      `the content of message ${seq} of ${queue.record.name} is missing`,
    );
  return decodeContent(text);
}

/** Writes down how often a message was received, and until when it is in flight. */
export function saveState(context: BrokerContext, queue: QueueState, seq: number): void {
  const receipt = queue.receipts.get(seq);
  const visibleAt = receipt?.visibleAt ?? 0;
  context.journal.put(
    stateKey(queue.id, seq),
    encodeState({
      sentAtMs: queue.table.sentAtMs(seq),
      receiveCount: receipt?.receiveCount ?? 0,
      firstReceivedAtMs: receipt?.firstReceivedAtMs ?? 0,
      hiddenUntilMs: visibleAt === 0 ? 0 : context.time.wall() + visibleAt - context.time.now(),
      receiveId: receipt?.receiveId ?? 0,
      held: receipt?.held ?? false,
      groupId: queue.order.groupIdOf(seq),
    }),
  );
}

/** The SequenceNumber that AWS would give: 20 digits, growing. */
export function sequenceNumber(seq: number): string {
  return `1${String(seq).padStart(19, "0")}`;
}
