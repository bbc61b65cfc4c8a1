import type { Message, MessageAttributeValue } from "@aws-sdk/client-sqs";
import {
  type DeadLetterFailure,
  decodeEnvelope,
  decodeFailure,
  decodePayload,
  ENVELOPE_ATTRIBUTE,
  type Envelope,
  FAILURE_ATTRIBUTE,
} from "@queue-run/runtime/wire";

/** A job in a dead-letter queue, as it was received. */
export type DeadLetter = {
  jobId: string;
  /** "default", or the named export. */
  job: string;
  /** Of the message in the dead-letter queue. */
  messageId: string;
  receiptHandle: string;
  groupId: string | null;
  body: string;
  /** Null for a message that was not pushed by queue-run. */
  envelope: Envelope | null;
  /** The sender's own attributes. */
  attributes: Readonly<Record<string, MessageAttributeValue>>;
  traceHeader: string | null;
  /** Why; null where SQS itself moved the message here, after very many receives. */
  failure: DeadLetterFailure | null;
  /** When the message came into this queue, or was first sent; in milliseconds since 1970. */
  sentAt: number;
};

/** @param message - received with all its attributes */
export function toDeadLetter(message: Message): DeadLetter {
  const {
    [ENVELOPE_ATTRIBUTE]: ours,
    [FAILURE_ATTRIBUTE]: failed,
    ...attributes
  } = message.MessageAttributes ?? {};
  const system = message.Attributes ?? {};
  const envelope = decodeEnvelope(ours?.StringValue);
  const failure = decodeFailure(failed?.StringValue);
  const messageId = message.MessageId ?? "";
  return {
    jobId: failure?.jobId ?? envelope?.jobId ?? messageId,
    job: envelope?.job ?? "default",
    messageId,
    receiptHandle: message.ReceiptHandle ?? "",
    groupId: system.MessageGroupId ?? null,
    body: message.Body ?? "",
    envelope,
    attributes,
    traceHeader: system.AWSTraceHeader ?? null,
    failure,
    sentAt: Number(system.SentTimestamp ?? 0),
  };
}

/** @returns the payload as a handler would get it; the body's text where it cannot be read */
export function payloadOf({ body, envelope }: Pick<DeadLetter, "body" | "envelope">): unknown {
  try {
    return decodePayload(body, envelope?.payloadKind ?? null);
  } catch {
    return body;
  }
}
