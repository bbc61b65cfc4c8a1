import { expect, test } from "vitest";
import { defaultQueueSettings, type QueueSettings } from "../config/queue-config.js";
import { currentScope } from "../context/invocation-scope.js";
import type { JobMetadata } from "../job/job-metadata.js";
import type { JobRecord } from "../job/job-record.js";
import { createFakeJobQueue } from "../job/testing/fake-job-queue.js";
import { sqsEvent } from "../job/testing/sqs-event.js";
import type { UserModule } from "./functions.js";
import { createQueueHandler } from "./queue.js";

const context = { awsRequestId: "request-1", getRemainingTimeInMillis: () => 310_000 };

function queueOf(
  module: UserModule,
  { fifo = false, settings = {} }: { fifo?: boolean; settings?: Partial<QueueSettings> } = {},
) {
  const queue = createFakeJobQueue<JobRecord>();
  const name = fifo ? "test.fifo" : "test";
  const handler = createQueueHandler(
    { name, fifo, settings: { ...defaultQueueSettings(fifo), ...settings }, load: async () => module },
    { queue, random: () => 0.5 },
  );
  return {
    queue,
    handle: (...messages: Parameters<typeof sqsEvent>) => handler(sqsEvent(...messages), context),
  };
}

test("an SQS event runs the default export, and what fails goes back alone, after its backoff", async () => {
  const ran: unknown[] = [];
  const { handle, queue } = queueOf({
    default: (payload: { fail?: boolean }) => {
      ran.push(payload);
      if (payload.fail) throw new Error("no");
    },
  });
  const answer = await handle(
    { id: "a", payload: { n: 1 } },
    { id: "b", payload: { fail: true }, receivedCount: 2 },
    { id: "c", payload: { n: 3 } },
  );
  expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: "b" }] });
  expect(ran).toEqual([{ n: 1 }, { fail: true }, { n: 3 }]);
  expect(queue.visibility).toEqual({ b: 2 });
});

test("payloads arrive as they were sent, and messages of others by what they look like", async () => {
  const payloads: unknown[] = [];
  const { handle } = queueOf({ default: (payload: unknown) => void payloads.push(payload) });
  await handle(
    { id: "1", payload: '{"a":1}' },
    { id: "2", payload: Buffer.from([0, 255]) },
    { id: "3", payload: { a: [1, null] } },
    { id: "4" },
    { id: "5", body: '{"a":1}' },
    { id: "6", body: " [1]" },
    { id: "7", body: "12" },
    { id: "8", body: "{no" },
  );
  expect(payloads).toEqual([
    '{"a":1}',
    Buffer.from([0, 255]),
    { a: [1, null] },
    null,
    { a: 1 },
    [1],
    "12",
    "{no",
  ]);
});

test("the metadata says everything of the job", async () => {
  let metadata: JobMetadata | undefined;
  const { handle } = queueOf(
    {
      resize: (_: unknown, about: JobMetadata) => {
        metadata = about;
      },
    },
    { fifo: true, settings: { retries: 2 } },
  );
  await handle({
    id: "m1",
    group: "user-1",
    sequence: 7,
    receivedCount: 3,
    sentAt: 1_700_000_000_000,
    envelope: { job: "resize", jobId: "job-1", userId: "u1", params: { id: "5" }, tag: "t", retries: 5 },
  });
  expect({ ...metadata, signal: undefined }).toMatchObject({
    jobId: "job-1",
    queueName: "test.fifo",
    job: "resize",
    groupId: "user-1",
    dedupeId: "dedupe-m1",
    params: { id: "5" },
    queuedAt: new Date(1_700_000_000_000),
    receivedCount: 3,
    attempt: 3,
    maxAttempts: 6,
    sequenceNumber: "00000000000000000007",
    user: { id: "u1" },
    tag: "t",
  });
});

test("a job without user, group or envelope says so with nulls", async () => {
  let metadata: JobMetadata | undefined;
  const { handle } = queueOf({
    default: (_: unknown, about: JobMetadata) => {
      metadata = about;
    },
  });
  await handle({ id: "m1", body: "hello" });
  expect(metadata).toMatchObject({
    jobId: "m1",
    job: "default",
    groupId: null,
    dedupeId: null,
    params: {},
    sequenceNumber: null,
    user: null,
    tag: null,
    attempt: 1,
    maxAttempts: 5,
  });
});

test("the code of a job knows whose it is", async () => {
  const scopes: ReturnType<typeof currentScope>[] = [];
  const { handle } = queueOf({
    default: async () => {
      await null;
      scopes.push(currentScope());
    },
  });
  await handle({
    id: "m1",
    envelope: {
      userId: "u1",
      hops: 3,
      trace: { traceId: "a".repeat(32), spanId: "b".repeat(16), sampled: true },
    },
  });
  expect(scopes[0]).toMatchObject({
    kind: "queue",
    handler: "test",
    requestId: "request-1",
    user: { id: "u1" },
    hops: 3,
    job: { queueName: "test", jobId: "m1", job: "default", attempt: 1 },
  });
  expect(scopes[0]?.trace).toMatchObject({ traceId: "a".repeat(32), sampled: true });
});
