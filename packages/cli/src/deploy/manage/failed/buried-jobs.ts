import { CreateQueueCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { defaultEnvelope, encodeEnvelope, FAILURE_ATTRIBUTE } from "@queue-run/runtime/wire";
import { realClock } from "../../../clock/real-clock.js";
import { createBroker } from "../../../local-sqs/broker/create-broker.js";
import { startSqsServer } from "../../../local-sqs/server.js";
import { type DeadLetterQueue, receive } from "./dead-letter-queue.js";

/** Queues with dead-letter queues on a local SQS, for tests. */
export type LocalQueues = { open: (name: string) => Promise<DeadLetterQueue>; stop: () => Promise<void> };

/** Starts a local SQS for a test. */
export async function startLocalQueues(): Promise<LocalQueues> {
  const broker = await createBroker({ clock: realClock });
  const server = await startSqsServer({ broker, port: 0 });
  const sqs = new SQSClient({
    endpoint: `http://127.0.0.1:${server.port}`,
    region: "us-east-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
  const open = async (name: string) => {
    const fifo = name.endsWith(".fifo");
    const deadLetters = fifo ? name.replace(".fifo", "-dlq.fifo") : `${name}-dlq`;
    for (const each of [name, deadLetters])
      await sqs.send(
        new CreateQueueCommand({
          QueueName: each,
          ...(fifo && {
            Attributes: {
              FifoQueue: "true",
              DeduplicationScope: "messageGroup",
              FifoThroughputLimit: "perMessageGroupId",
            },
          }),
        }),
      );
    const url = (each: string) => `http://127.0.0.1:${server.port}/000000000000/${each}`;
    return { name, fifo, queueUrl: url(name), deadLetterUrl: url(deadLetters), sqs, waitSeconds: 0 };
  };
  const stop = async () => {
    sqs.destroy();
    await server.close();
  };
  return { open, stop };
}

/** Puts a job into the dead-letter queue as the runtime does. */
export async function bury(
  queue: DeadLetterQueue,
  jobId: string,
  { group = "g", payload = { n: 1 } as unknown, redrives = 0 } = {},
) {
  const failure = {
    jobId,
    queueName: queue.name,
    attempts: 5,
    redrives,
    failedAt: "2026-11-22T10:00:00.000Z",
    codeVersion: "7",
    error: {
      name: "TypeError",
      message: "no such user",
      stack: "TypeError: no such user\n    at queues/emails.ts:3:9",
    },
  };
  const text = { DataType: "String" };
  await queue.sqs.send(
    new SendMessageCommand({
      QueueUrl: queue.deadLetterUrl,
      MessageBody: JSON.stringify(payload),
      MessageAttributes: {
        "queue-run": {
          ...text,
          StringValue: encodeEnvelope({ ...defaultEnvelope(), jobId, userId: "ada", hops: 3, dueAt: 5 }),
        },
        [FAILURE_ATTRIBUTE]: { ...text, StringValue: JSON.stringify(failure) },
        tenant: { ...text, StringValue: "acme" },
      },
      ...(queue.fifo && { MessageGroupId: group, MessageDeduplicationId: jobId }),
    }),
  );
}

/** What waits in the queue itself, as a consumer would see it. */
export function waiting(queue: DeadLetterQueue) {
  return receive({ ...queue, deadLetterUrl: queue.queueUrl });
}

/** Their jobs' ids. */
export const ids = (letters: { jobId: string }[]) => letters.map(({ jobId }) => jobId);
