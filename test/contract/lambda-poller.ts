import { DeleteMessageBatchCommand, ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import type { LocalQueues } from "../harness/local-queues.js";
import { toSqsRecord } from "../harness/sqs-record.js";
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
    const event = {
      Records: Messages.map((message) =>
        toSqsRecord(`arn:aws:sqs:us-east-1:000000000000:${mapping.queue}`, message),
      ),
    };
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
