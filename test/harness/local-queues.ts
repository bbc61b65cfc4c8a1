import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SendMessageCommandInput,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { type WaitOptions, waitFor } from "./wait-for.js";

// The SDK warns on standard error that releases of 2027 will need Node 22.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";

/** An SQS endpoint, seen through AWS's own SDK. */
export type LocalQueues = {
  client: SQSClient;
  urlOf: (queue: string) => string;
  send: (queue: string, body: string, options?: Partial<SendMessageCommandInput>) => Promise<string>;
  /** Waits until this many messages are there, receives and deletes them. */
  take: (queue: string, count: number, options?: WaitOptions) => Promise<Message[]>;
  /** Receives up to ten messages and leaves them in the queue, visible again at once. */
  peek: (queue: string) => Promise<Message[]>;
  counts: (queue: string) => Promise<{ visible: number; inFlight: number; delayed: number }>;
  /** Waits until a queue holds nothing: no message waiting, delayed or in flight. */
  drained: (queue: string, options?: WaitOptions) => Promise<void>;
  close: () => void;
};

/**
 * @param endpoint - "http://localhost:9324"
 * @param prefix - what the names of queues begin with there
 */
export function sqsAt(endpoint: string, { account = "000000000000", prefix = "" } = {}): LocalQueues {
  const client = new SQSClient({
    endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
  const urlOf = (queue: string) => `${endpoint}/${account}/${prefix}${queue}`;
  const counts: LocalQueues["counts"] = async (queue) => {
    const { Attributes = {} } = await client.send(
      new GetQueueAttributesCommand({ QueueUrl: urlOf(queue), AttributeNames: ["All"] }),
    );
    return {
      visible: Number(Attributes.ApproximateNumberOfMessages),
      inFlight: Number(Attributes.ApproximateNumberOfMessagesNotVisible),
      delayed: Number(Attributes.ApproximateNumberOfMessagesDelayed),
    };
  };
  return {
    client,
    urlOf,
    counts,
    async send(queue, body, options = {}) {
      const sent = await client.send(
        new SendMessageCommand({ QueueUrl: urlOf(queue), MessageBody: body, ...options }),
      );
      return sent.MessageId ?? "";
    },
    async take(queue, count, options) {
      const taken: Message[] = [];
      await waitFor(
        `${count} messages in ${queue}`,
        async () => {
          const { Messages = [] } = await client.send(
            new ReceiveMessageCommand({
              QueueUrl: urlOf(queue),
              MaxNumberOfMessages: Math.min(10, count - taken.length),
              WaitTimeSeconds: 1,
              MessageAttributeNames: ["All"],
              MessageSystemAttributeNames: ["All"],
            }),
          );
          for (const message of Messages) {
            taken.push(message);
            await client.send(
              new DeleteMessageCommand({ QueueUrl: urlOf(queue), ReceiptHandle: message.ReceiptHandle }),
            );
          }
          return taken.length >= count;
        },
        options,
      );
      return taken;
    },
    async peek(queue) {
      const { Messages = [] } = await client.send(
        new ReceiveMessageCommand({
          QueueUrl: urlOf(queue),
          MaxNumberOfMessages: 10,
          VisibilityTimeout: 0,
          MessageAttributeNames: ["All"],
          MessageSystemAttributeNames: ["All"],
        }),
      );
      return Messages;
    },
    async drained(queue, options) {
      await waitFor(
        `${queue} to be empty`,
        async () => {
          const { visible, inFlight, delayed } = await counts(queue);
          return visible + inFlight + delayed === 0;
        },
        options,
      );
    },
    close: () => client.destroy(),
  };
}
