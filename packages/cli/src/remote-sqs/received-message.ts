import type { Message } from "@aws-sdk/client-sqs";
import type { MessageAttribute, ReceivedMessage } from "../local-sqs/broker/broker.js";

/** A message that was received with all of its attributes, as our own broker would hand it over. */
export function toReceivedMessage(message: Message): ReceivedMessage {
  const { Attributes: system = {}, MessageAttributes = {} } = message;
  const attributes: Record<string, MessageAttribute> = {};
  for (const [name, { DataType, StringValue, BinaryValue }] of Object.entries(MessageAttributes)) {
    attributes[name] = {
      dataType: DataType ?? "String",
      ...(StringValue !== undefined && { stringValue: StringValue }),
      ...(BinaryValue !== undefined && { binaryValue: BinaryValue }),
    };
  }
  return {
    messageId: message.MessageId ?? "",
    receiptHandle: message.ReceiptHandle ?? "",
    body: message.Body ?? "",
    attributes,
    traceHeader: system.AWSTraceHeader ?? null,
    sentAtMs: Number(system.SentTimestamp ?? 0),
    firstReceivedAtMs: Number(system.ApproximateFirstReceiveTimestamp ?? 0),
    receiveCount: Number(system.ApproximateReceiveCount ?? 1),
    messageGroupId: system.MessageGroupId ?? null,
    messageDeduplicationId: system.MessageDeduplicationId ?? null,
    sequenceNumber: system.SequenceNumber ?? null,
    deadLetterSourceArn: system.DeadLetterQueueSourceArn ?? null,
  };
}
