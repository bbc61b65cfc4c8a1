import type { Broker } from "../../../packages/cli/src/local-sqs/broker/broker.js";
import type { SqsClient } from "../../../packages/runtime/src/aws/sqs-client.js";
import type { BatchOutput } from "../../../packages/runtime/src/aws/sqs-shapes.js";
import { requestsOf } from "./requests.js";
import type { Worker } from "./worker.js";
import type { Life, World } from "./world.js";

/**
 * How a worker reaches the local SQS.
 *
 * @param onLost - a request, or its answer, is lost
 */
export function workersClient(
  world: World,
  server: Life,
  broker: () => Broker,
  worker: Worker,
  onLost: () => void,
): SqsClient {
  const request = requestsOf(world, server, worker, onLost);

  const each = async <T extends { Id: string }>(
    entries: T[],
    one: (entry: T) => Promise<void>,
  ): Promise<BatchOutput> => {
    const failed = await Promise.all(
      entries.map((entry) =>
        one(entry).then(
          () => [],
          (error: { code?: string; message: string }) => [
            { Id: entry.Id, Code: error.code ?? "InternalError", SenderFault: true, Message: error.message },
          ],
        ),
      ),
    );
    return { Failed: failed.flat() };
  };

  const unused = (): never => {
    throw new Error("the jobs' side of the runtime does not ask for this");
  };
  return {
    sendMessage: ({ QueueUrl, MessageBody, MessageAttributes, MessageGroupId, MessageDeduplicationId }) =>
      request(`send to ${QueueUrl}`, async () => {
        const attributes = Object.entries(MessageAttributes ?? {}).map(
          ([name, { DataType, StringValue }]) =>
            [name, { dataType: DataType, stringValue: StringValue ?? "" }] as const,
        );
        const sent = await broker().send(QueueUrl, {
          body: MessageBody,
          attributes: Object.fromEntries(attributes),
          messageGroupId: MessageGroupId,
          messageDeduplicationId: MessageDeduplicationId,
        });
        return { MessageId: sent.messageId };
      }),
    deleteMessageBatch: ({ QueueUrl, Entries }) =>
      request(`delete ${Entries.length} from ${QueueUrl}`, () =>
        each(Entries, ({ ReceiptHandle }) => broker().deleteMessage(QueueUrl, ReceiptHandle)),
      ),
    changeMessageVisibilityBatch: ({ QueueUrl, Entries }) =>
      request(
        `visibility ${Entries.map(({ VisibilityTimeout }) => VisibilityTimeout).join(" ")} in ${QueueUrl}`,
        () =>
          each(Entries, ({ ReceiptHandle, VisibilityTimeout }) =>
            broker().changeMessageVisibility(QueueUrl, ReceiptHandle, VisibilityTimeout),
          ),
      ),
    sendMessageBatch: unused,
    deleteMessage: unused,
    changeMessageVisibility: unused,
    getQueueUrl: unused,
    close: () => {},
  };
}
