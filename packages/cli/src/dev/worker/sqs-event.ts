import type { MessageAttribute, ReceivedMessage } from "../../local-sqs/broker/broker.js";
import { md5OfAttributes, md5OfBody } from "../../local-sqs/checksums.js";
import type { QueueDelivery } from "./protocol.js";

/** Who sent a message, as AWS's SenderId: there is one account in development. */
const SENDER_ID = "000000000000";

/** A record of Lambda's SQS event. */
export type SqsRecord = {
  messageId: string;
  receiptHandle: string;
  body: string;
  attributes: Record<string, string>;
  messageAttributes: Record<string, SqsRecordAttribute>;
  md5OfBody: string;
  md5OfMessageAttributes?: string;
  eventSource: "aws:sqs";
  eventSourceARN: string;
  awsRegion: string;
};

type SqsRecordAttribute = {
  stringValue?: string;
  binaryValue?: string;
  stringListValues: [];
  binaryListValues: [];
  dataType: string;
};

/**
 * Lambda's event for a delivery, as recorded on AWS: every attribute is a string, absent ones are left out, binary
 * values are base64, and the attributes' checksum is there only when there are attributes.
 */
export function toSqsEvent({ queueArn, region, messages }: QueueDelivery): { Records: SqsRecord[] } {
  return { Records: messages.map((message) => toRecord(message, queueArn, region)) };
}

function toRecord(message: ReceivedMessage, queueArn: string, region: string): SqsRecord {
  const attributes: Record<string, string> = {
    ApproximateReceiveCount: String(message.receiveCount),
    SentTimestamp: String(message.sentAtMs),
    SenderId: SENDER_ID,
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAtMs),
  };
  if (message.sequenceNumber !== null) attributes.SequenceNumber = message.sequenceNumber;
  if (message.messageGroupId !== null) attributes.MessageGroupId = message.messageGroupId;
  if (message.messageDeduplicationId !== null)
    attributes.MessageDeduplicationId = message.messageDeduplicationId;
  if (message.traceHeader !== null) attributes.AWSTraceHeader = message.traceHeader;
  if (message.deadLetterSourceArn !== null) attributes.DeadLetterQueueSourceArn = message.deadLetterSourceArn;

  const names = Object.keys(message.attributes);
  // Without a prototype: an attribute may be named `__proto__`.
  const messageAttributes: Record<string, SqsRecordAttribute> = Object.create(null);
  for (const name of names) {
    const attribute = message.attributes[name];
    if (attribute) messageAttributes[name] = toRecordAttribute(attribute);
  }
  return {
    messageId: message.messageId,
    receiptHandle: message.receiptHandle,
    body: message.body,
    attributes,
    messageAttributes,
    ...(names.length > 0 && { md5OfMessageAttributes: md5OfAttributes(message.attributes) }),
    md5OfBody: md5OfBody(message.body),
    eventSource: "aws:sqs",
    eventSourceARN: queueArn,
    awsRegion: region,
  };
}

function toRecordAttribute({ dataType, stringValue, binaryValue }: MessageAttribute): SqsRecordAttribute {
  return {
    ...(stringValue !== undefined && { stringValue }),
    ...(binaryValue !== undefined && { binaryValue: Buffer.from(binaryValue).toString("base64") }),
    stringListValues: [],
    binaryListValues: [],
    dataType,
  };
}
