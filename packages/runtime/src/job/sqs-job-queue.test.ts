import { expect, test } from "vitest";
import type { SqsClient } from "../aws/sqs-client.js";
import { defaultQueueSettings } from "../config/queue-config.js";
import { FAILURE_ATTRIBUTE } from "./dead-letter-failure.js";
import { toJobRecord } from "./job-record.js";
import { createSqsJobQueue } from "./sqs-job-queue.js";
import { sqsRecord } from "./testing/sqs-event.js";

type Call = { operation: string; input: Record<string, unknown> & { Entries?: unknown[] } };

function jobQueue(answer: unknown = {}) {
  const calls: Call[] = [];
  const operation = (name: string) => async (input: Call["input"]) => {
    calls.push({ operation: name, input });
    return answer;
  };
  const client = {
    sendMessage: operation("send"),
    deleteMessageBatch: operation("delete"),
    changeMessageVisibilityBatch: operation("visibility"),
  } as unknown as SqsClient;
  const queue = createSqsJobQueue({
    client,
    queueName: "test",
    queueUrl: "http://sqs/test",
    deadLetterQueueUrl: "http://sqs/test-dlq",
    fifo: false,
    codeVersion: "7",
    now: () => 0,
  });
  return { queue, calls };
}

const change = (index: number) => ({
  messageId: `m${index}`,
  receiptHandle: `r${index}`,
  visibilityTimeoutSeconds: index,
});

test("what is asked for in one turn shares requests, ten entries each", async () => {
  const { queue, calls } = jobQueue();
  await Promise.all(Array.from({ length: 12 }, (_, index) => queue.changeVisibility([change(index)])));
  expect(calls.map(({ operation, input }) => [operation, input.Entries?.length])).toEqual([
    ["visibility", 10],
    ["visibility", 2],
  ]);
  expect(calls[0]?.input).toMatchObject({
    QueueUrl: "http://sqs/test",
    Entries: expect.arrayContaining([{ Id: "3", ReceiptHandle: "r3", VisibilityTimeout: 3 }]),
  });
  await queue.deleteMessages([change(1)]);
  expect(calls[2]).toMatchObject({
    operation: "delete",
    input: { Entries: [{ Id: "0", ReceiptHandle: "r1" }] },
  });
});

test("an entry that SQS refuses is an error with SQS's own words", async () => {
  const { queue } = jobQueue({
    Failed: [
      { Id: "0", Code: "InvalidParameterValue", Message: "Total VisibilityTimeout", SenderFault: true },
    ],
  });
  await expect(queue.changeVisibility([change(1)])).rejects.toThrow(
    "InvalidParameterValue: Total VisibilityTimeout",
  );
});

test("a dead letter goes to the dead-letter queue with its failure", async () => {
  const { queue, calls } = jobQueue();
  const fn = { name: "test", fifo: false, settings: defaultQueueSettings(false), load: async () => ({}) };
  const record = toJobRecord(sqsRecord({ id: "m1", payload: 1 }), fn, false);
  await queue.sendDeadLetter(record, { error: new Error("no"), attempts: 5 });
  expect(calls[0]).toMatchObject({
    operation: "send",
    input: { QueueUrl: "http://sqs/test-dlq", MessageBody: "1" },
  });
  const attributes = (calls[0] as Call).input.MessageAttributes as Record<string, { StringValue: string }>;
  expect(JSON.parse(attributes[FAILURE_ATTRIBUTE]?.StringValue ?? "")).toMatchObject({
    jobId: "m1",
    attempts: 5,
    codeVersion: "7",
    failedAt: "1970-01-01T00:00:00.000Z",
    error: { message: "no" },
  });
});
