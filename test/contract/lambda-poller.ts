import {
  DeleteMessageBatchCommand,
  type Message,
  type MessageAttributeValue,
  ReceiveMessageCommand,
} from "@aws-sdk/client-sqs";
import type { SQSMessageAttribute, SQSRecord } from "aws-lambda";
import type { LocalQueues } from "../harness/local-queues.js";
import type { LambdaInstance } from "./lambda-instance.js";

/** A queue, and the function that its event source mapping invokes. */
export type Mapping = { queue: string; batchSize: number; functionTimeoutSeconds: number };

/**
 * The least that an event source mapping does: receives, invokes an instance of the function, deletes what it did not
 * report as failed. One loop of several for a queue.
 *
 * @param signal - when aborted, no more is received; resolves when the delivery under way has ended
 */
export async function poll(
  sqs: LocalQueues,
  mapping: Mapping,
  instance: LambdaInstance,
  signal: AbortSignal,
): Promise<void> {
  const QueueUrl = sqs.urlOf(mapping.queue);
  while (!signal.aborted) {
    const receive = new ReceiveMessageCommand({
      QueueUrl,
      MaxNumberOfMessages: Math.min(mapping.batchSize, 10),
      WaitTimeSeconds: 1,
      MessageAttributeNames: ["All"],
      MessageSystemAttributeNames: ["All"],
    });
    // Not aborted half-way: not every server takes back the messages of an answer that nobody reads.
    const { Messages = [] } = await sqs.client.send(receive);
    if (Messages.length === 0) continue;
    const event = { Records: Messages.map((message) => toRecord(mapping.queue, message)) };
    const { batchItemFailures } = await instance.invoke(event, mapping.functionTimeoutSeconds);
    const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    const done = Messages.filter(({ MessageId = "" }) => !failed.has(MessageId));
    if (done.length === 0) continue;
    await sqs.client.send(
      new DeleteMessageBatchCommand({
        QueueUrl,
        Entries: done.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle })),
      }),
    );
  }
}

/** A record as Lambda makes it: the recordings of AWS's own event source mappings show its shape. */
function toRecord(queue: string, message: Message): SQSRecord {
  const record: Partial<SQSRecord> = {
    messageId: message.MessageId,
    receiptHandle: message.ReceiptHandle,
    body: message.Body,
    attributes: message.Attributes as unknown as SQSRecord["attributes"],
    messageAttributes: Object.fromEntries(
      Object.entries(message.MessageAttributes ?? {}).map(([name, value]) => [name, toAttribute(value)]),
    ),
    md5OfBody: message.MD5OfBody,
    eventSource: "aws:sqs",
    eventSourceARN: `arn:aws:sqs:us-east-1:000000000000:${queue}`,
    awsRegion: "us-east-1",
  };
  return record as SQSRecord;
}

function toAttribute({ DataType, StringValue, BinaryValue }: MessageAttributeValue): SQSMessageAttribute {
  return {
    ...(StringValue === undefined ? {} : { stringValue: StringValue }),
    ...(BinaryValue === undefined ? {} : { binaryValue: Buffer.from(BinaryValue).toString("base64") }),
    stringListValues: [],
    binaryListValues: [],
    dataType: (DataType ?? "String") as SQSMessageAttribute["dataType"],
  };
}
