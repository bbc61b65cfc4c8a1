import { randomUUID } from "node:crypto";
import {
  DeleteMessageBatchCommand,
  type Message,
  type MessageAttributeValue,
  ReceiveMessageCommand,
} from "@aws-sdk/client-sqs";
import type { Context, SQSBatchResponse, SQSEvent, SQSMessageAttribute, SQSRecord } from "aws-lambda";
import type { LocalQueues } from "../harness/local-queues.js";

/** A function and the queue that its event source mapping reads. */
export type Mapping = {
  queue: string;
  batchSize: number;
  functionTimeoutSeconds: number;
  handler: (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;
};

/** How many deliveries of one queue may run at once. */
const CONCURRENCY = 4;

/**
 * The least that an event source mapping does: receives, invokes the function, deletes what it did not report as failed.
 *
 * @returns a function that stops it, when the invocations under way have ended
 */
export function startPoller(sqs: LocalQueues, mapping: Mapping): () => Promise<void> {
  const stopping = new AbortController();
  const loops = Array.from({ length: CONCURRENCY }, () => poll(sqs, mapping, stopping.signal));
  return async () => {
    stopping.abort();
    await Promise.all(loops);
  };
}

async function poll(sqs: LocalQueues, mapping: Mapping, signal: AbortSignal): Promise<void> {
  const QueueUrl = sqs.urlOf(mapping.queue);
  while (!signal.aborted) {
    const receive = new ReceiveMessageCommand({
      QueueUrl,
      MaxNumberOfMessages: Math.min(mapping.batchSize, 10),
      WaitTimeSeconds: 1,
      MessageAttributeNames: ["All"],
      MessageSystemAttributeNames: ["All"],
    });
    // Not aborted half-way: not every server gives back the messages of an answer that nobody reads.
    const { Messages = [] } = await sqs.client.send(receive);
    if (Messages.length === 0) continue;
    const failed = await invoke(mapping, Messages);
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

/** @returns the ids of the messages that are to come back */
async function invoke(mapping: Mapping, messages: Message[]): Promise<Set<string>> {
  const deadline = Date.now() + mapping.functionTimeoutSeconds * 1_000;
  const context = {
    awsRequestId: randomUUID(),
    functionName: mapping.queue,
    functionVersion: "1",
    getRemainingTimeInMillis: () => deadline - Date.now(),
  } as Context;
  try {
    const event = { Records: messages.map((message) => toRecord(mapping.queue, message)) };
    const { batchItemFailures } = await mapping.handler(event, context);
    return new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
  } catch {
    return new Set(messages.map(({ MessageId = "" }) => MessageId));
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
