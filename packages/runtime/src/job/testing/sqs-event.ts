import type { SQSEvent, SQSRecord } from "aws-lambda";
import { defaultEnvelope, ENVELOPE_ATTRIBUTE, type Envelope, encodeEnvelope } from "../../queue/envelope.js";
import { encodePayload } from "../../queue/payload.js";

/** What a test says of a message; everything else is as Lambda's poller writes it. */
export type MessageSketch = {
  id: string;
  /** A payload as `push` takes it; left out: null. */
  payload?: unknown;
  /** The body as it is, of a message that somebody else sent. */
  body?: string;
  envelope?: Partial<Envelope>;
  receivedCount?: number;
  group?: string;
  sequence?: number;
  attributes?: SQSRecord["messageAttributes"];
  traceHeader?: string;
  /** Milliseconds since 1970. */
  sentAt?: number;
};

/** An SQS event in the shape in which Lambda hands it to functions. */
export function sqsEvent(...messages: MessageSketch[]): SQSEvent {
  return { Records: messages.map(sqsRecord) };
}

/** One record of such an event. */
export function sqsRecord(message: MessageSketch): SQSRecord {
  const { id, receivedCount = 1, group, sequence = 1, sentAt = 1_800_000_000_000, traceHeader } = message;
  const { body, kind } =
    message.body === undefined
      ? encodePayload(message.payload ?? null, "test")
      : { body: message.body, kind: null };
  const envelope = kind && encodeEnvelope({ ...defaultEnvelope(), payloadKind: kind, ...message.envelope });
  return {
    messageId: id,
    receiptHandle: `receipt-${id}`,
    body,
    attributes: {
      ApproximateReceiveCount: String(receivedCount),
      SentTimestamp: String(sentAt),
      SenderId: "AIDAEXAMPLE",
      ApproximateFirstReceiveTimestamp: String(sentAt + 5),
      ...(group !== undefined && {
        SequenceNumber: String(sequence).padStart(20, "0"),
        MessageGroupId: group,
        MessageDeduplicationId: `dedupe-${id}`,
      }),
      ...(traceHeader && { AWSTraceHeader: traceHeader }),
    },
    messageAttributes: {
      ...(envelope && {
        [ENVELOPE_ATTRIBUTE]: {
          stringValue: envelope,
          stringListValues: [],
          binaryListValues: [],
          dataType: "String",
        },
      }),
      ...message.attributes,
    },
    md5OfBody: "00000000000000000000000000000000",
    eventSource: "aws:sqs",
    eventSourceARN: "arn:aws:sqs:us-east-1:000000000000:test",
    awsRegion: "us-east-1",
  };
}
