import { createHash } from "node:crypto";
import { localStoreCorrupt } from "../../errors/local-store-errors.js";
import { SqsError } from "../sqs-error.js";
import { invalidParameterValue, invalidValue, missingParameter } from "../sqs-errors.js";
import type { OutgoingMessage, SentMessage } from "./broker.js";
import type { BrokerContext } from "./context.js";
import { settle } from "./due.js";
import { appendMessage, sequenceNumber } from "./messages.js";
import type { QueueState } from "./queue-state.js";
import { decodeDeduplication, deduplicationKey, encodeDeduplication } from "./records.js";

/** SendMessage. Throws AWS's errors for what a kind of queue refuses. */
export async function send(
  context: BrokerContext,
  name: string,
  message: OutgoingMessage,
): Promise<SentMessage> {
  const queue = context.queue(name);
  settle(context, queue);
  const sent = queue.fifo ? sendFifo(context, queue, message) : sendStandard(context, queue, message);
  await context.journal.committed();
  return sent;
}

/** SendMessageBatch: each message by itself, all of them with one wait for the journal. */
export async function sendBatch(
  context: BrokerContext,
  name: string,
  messages: readonly OutgoingMessage[],
): Promise<(SentMessage | SqsError)[]> {
  const queue = context.queue(name);
  settle(context, queue);
  const sendOne = queue.fifo ? sendFifo : sendStandard;
  const sent = messages.map((message) => {
    try {
      return sendOne(context, queue, message);
    } catch (error) {
      if (error instanceof SqsError) return error;
      throw error;
    }
  });
  await context.journal.committed();
  return sent;
}

function sendStandard(context: BrokerContext, queue: QueueState, message: OutgoingMessage): SentMessage {
  const messageId = context.random.uuid();
  appendMessage(context, queue, {
    content: contentOf(message, messageId, message.messageDeduplicationId ?? null),
    sentAtMs: context.time.wall(),
    delayMs: (message.delaySeconds ?? queue.attributes.delaySeconds) * 1000,
    receiveCount: 0,
    firstReceivedAtMs: 0,
  });
  return { messageId, sequenceNumber: null };
}

function sendFifo(context: BrokerContext, queue: QueueState, message: OutgoingMessage): SentMessage {
  if (message.delaySeconds) {
    const reason = "The request include parameter that is not valid for this queue type.";
    throw invalidValue(message.delaySeconds, "DelaySeconds", reason);
  }
  if (message.messageGroupId === undefined) throw missingParameter("MessageGroupId");
  const deduplicationId = deduplicationIdOf(queue, message);
  const window = queue.deduplication;
  const key = window?.key(message.messageGroupId, deduplicationId) ?? "";
  const now = context.time.now();
  if (window?.has(key, now)) {
    const first = context.journal.read(deduplicationKey(queue.id, key));
    if (first === undefined)
      throw localStoreCorrupt(context.storage.location, `the first message of ${key} is missing`);
    const { messageId, seq } = decodeDeduplication(first);
    return { messageId, sequenceNumber: sequenceNumber(seq) };
  }

  const messageId = context.random.uuid();
  const sentAtMs = context.time.wall();
  const seq = appendMessage(context, queue, {
    content: contentOf(message, messageId, deduplicationId),
    sentAtMs,
    delayMs: queue.attributes.delaySeconds * 1000,
    receiveCount: 0,
    firstReceivedAtMs: 0,
  });
  window?.add(key, now);
  context.journal.put(deduplicationKey(queue.id, key), encodeDeduplication({ seq, sentAtMs, messageId }));
  return { messageId, sequenceNumber: sequenceNumber(seq) };
}

/** The explicit id, else the hash of the body alone where the queue says so. Developer Guide, "Exactly-once processing". */
function deduplicationIdOf(queue: QueueState, message: OutgoingMessage): string {
  if (message.messageDeduplicationId !== undefined) return message.messageDeduplicationId;
  if (queue.attributes.contentBasedDeduplication)
    return createHash("sha256").update(message.body).digest("hex");
  throw invalidParameterValue(
    "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
  );
}

function contentOf(message: OutgoingMessage, messageId: string, messageDeduplicationId: string | null) {
  return {
    messageId,
    body: message.body,
    attributes: message.attributes ?? {},
    traceHeader: message.traceHeader ?? null,
    messageGroupId: message.messageGroupId ?? null,
    messageDeduplicationId,
    deadLetterSourceArn: null,
  };
}
