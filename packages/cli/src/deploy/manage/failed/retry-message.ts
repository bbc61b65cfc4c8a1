import type { MessageAttributeValue, SendMessageBatchRequestEntry } from "@aws-sdk/client-sqs";
import { SQS_MAX_MESSAGE_ATTRIBUTES, SQS_MAX_MESSAGE_BYTES } from "@queue-run/runtime/limits";
import { defaultEnvelope, ENVELOPE_ATTRIBUTE, type Envelope, encodeEnvelope } from "@queue-run/runtime/wire";
import { type DeadLetter, payloadOf } from "./dead-letter.js";

type RetryMessage = Omit<SendMessageBatchRequestEntry, "Id">;

/**
 * A dead letter as a message for the queue that it came from: the same payload and job id, no attempts made.
 *
 * In a FIFO queue it keeps its group, and sending it twice (because an answer was lost) makes one job of it.
 *
 * @param fifo - whether the queue is FIFO
 */
export function toRetryMessage(letter: DeadLetter, fifo: boolean): RetryMessage {
  const attributes: Record<string, MessageAttributeValue> = {};
  for (const [name, { DataType, StringValue, BinaryValue }] of Object.entries(letter.attributes))
    attributes[name] = { DataType, ...(BinaryValue ? { BinaryValue } : { StringValue }) };
  const message: RetryMessage = {
    MessageBody: letter.body,
    ...(letter.traceHeader && {
      MessageSystemAttributes: { AWSTraceHeader: { DataType: "String", StringValue: letter.traceHeader } },
    }),
    ...(letter.groupId !== null && { MessageGroupId: letter.groupId }),
    ...(fifo && { MessageDeduplicationId: `retry-${letter.messageId}` }),
  };
  const named = withEnvelope(message, attributes, retriedEnvelope(letter));
  // A message of somebody else's may have no room for ours: it is retried under a new id.
  const fits =
    messageBytes(named) <= SQS_MAX_MESSAGE_BYTES &&
    Object.keys(attributes).length < SQS_MAX_MESSAGE_ATTRIBUTES;
  return fits || letter.envelope ? named : withAttributes(message, attributes);
}

/** What a message counts for: body, and each attribute's name, type and value. SQS API Reference, SendMessage. */
export function messageBytes({ MessageBody = "", MessageAttributes = {} }: RetryMessage): number {
  let bytes = Buffer.byteLength(MessageBody);
  for (const [name, { DataType = "", StringValue = "", BinaryValue }] of Object.entries(MessageAttributes))
    bytes +=
      Buffer.byteLength(name) + DataType.length + (BinaryValue?.length ?? Buffer.byteLength(StringValue));
  return bytes;
}

/** @returns how often a job will have come back from its dead-letter queue when it is retried now */
export function redrivesOfRetry({ envelope, failure }: DeadLetter): number {
  return Math.max(envelope?.redrives ?? 0, failure?.redrives ?? 0) + 1;
}

/**
 * It is due now: a delay that it was once pushed with has passed. It says how often it has come back, so that what was
 * recorded of the job before does not count any more.
 */
function retriedEnvelope(letter: DeadLetter): Envelope {
  const { jobId, envelope } = letter;
  const redrives = redrivesOfRetry(letter);
  if (envelope) return { ...envelope, jobId, dueAt: null, redrives };
  // Without an envelope an object is parsed and anything else is a string; with one, it has to be said.
  const payloadKind = typeof payloadOf(letter) === "string" ? "text" : "json";
  return { ...defaultEnvelope(), payloadKind, jobId, redrives };
}

function withEnvelope(
  message: RetryMessage,
  attributes: Record<string, MessageAttributeValue>,
  envelope: Envelope,
): RetryMessage {
  const ours = { DataType: "String", StringValue: encodeEnvelope(envelope) };
  return withAttributes(message, { [ENVELOPE_ATTRIBUTE]: ours, ...attributes });
}

function withAttributes(
  message: RetryMessage,
  attributes: Record<string, MessageAttributeValue>,
): RetryMessage {
  return Object.keys(attributes).length > 0 ? { ...message, MessageAttributes: attributes } : message;
}
