import { SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { StoredRecord } from "@queue-run/runtime/records";
import { afterEach, beforeEach, expect, test } from "vitest";
import { bury, ids, type LocalQueues, startLocalQueues, waiting } from "./buried-jobs.js";
import { payloadOf } from "./dead-letter.js";
import { type DeadLetterQueue, receive } from "./dead-letter-queue.js";
import { listDeadLetters } from "./list-dead-letters.js";
import { purgeDeadLetters } from "./purge-dead-letters.js";
import { retryDeadLetters } from "./retry-dead-letters.js";
import { walkDeadLetters } from "./walk-dead-letters.js";

let queues: LocalQueues;

beforeEach(async () => {
  queues = await startLocalQueues();
});

afterEach(() => queues.stop());

test("lists more than one receive gives, with why each failed, and leaves all of them visible", async () => {
  const queue = await queues.open("emails");
  const expected = Array.from({ length: 23 }, (_, at) => `job-${at}`);
  for (const jobId of expected) await bury(queue, jobId);
  const letters = await listDeadLetters(queue, 100);
  expect(ids(letters).sort()).toEqual([...expected].sort());
  expect(letters[0]?.failure).toMatchObject({
    attempts: 5,
    codeVersion: "7",
    error: { message: "no such user" },
  });
  expect(ids(await listDeadLetters(queue, 100))).toHaveLength(23);
  expect(ids(await listDeadLetters(queue, 5))).toHaveLength(5);
});

test("Ctrl-C gives back what is held: it would be hidden for minutes", async () => {
  const queue = await queues.open("emails");
  for (let at = 0; at < 23; at++) await bury(queue, `job-${at}`);
  let visits = 0;
  const walk = walkDeadLetters(queue, () => {
    visits += 1;
    process.emit("SIGINT");
    return { removed: [], done: false };
  });
  await expect(walk).rejects.toMatchObject({ code: "QR_INTERRUPTED" });
  expect(visits).toBe(1);
  expect(await listDeadLetters(queue, 100)).toHaveLength(23);
});

test("a retried job waits in its queue as it was pushed, under its own id, due now, and is a dead letter no more", async () => {
  const queue = await queues.open("emails");
  await bury(queue, "job-1", { payload: { to: "ada" } });
  expect(await retryDeadLetters(queue, "all")).toEqual({ retried: ["job-1"], refused: [], leftBehind: [] });
  expect(await listDeadLetters(queue, 10)).toEqual([]);
  const [job] = await waiting(queue);
  expect(job).toMatchObject({
    jobId: "job-1",
    failure: null,
    envelope: { jobId: "job-1", userId: "ada", hops: 3, dueAt: null },
    attributes: { tenant: { StringValue: "acme" } },
  });
  expect(job && payloadOf(job)).toEqual({ to: "ada" });
});

test("a retried job says how often it has come back, and its record that it waits again, once it was sent", async () => {
  const plain = await queues.open("emails");
  const waiting: unknown[] = [];
  const stored = {
    queueName: "emails",
    jobId: "job-1",
    status: "failed",
    tag: "t",
    maxAttempts: 3,
  } as StoredRecord;
  const queue: DeadLetterQueue = {
    ...plain,
    records: async () => ({
      read: async ({ jobId }) => (jobId === "job-1" ? stored : null),
      redrive: async (job) => {
        waiting.push(job, ids(await receive({ ...plain, deadLetterUrl: plain.queueUrl })).sort());
      },
    }),
  };
  await bury(queue, "job-1", { redrives: 4 });
  await bury(queue, "untracked");
  await retryDeadLetters(queue, "all");
  expect(waiting).toMatchObject([
    { jobId: "job-1", redrives: 5, tag: "t", dueAtMs: null },
    ["job-1", "untracked"],
  ]);
});

test("a job is retried though its record cannot be reached: whoever claims it puts that right", async () => {
  const queue = await queues.open("emails");
  await bury(queue, "job-1", { redrives: 4 });
  const down = async (): Promise<never> => {
    throw new Error("connect ECONNREFUSED");
  };
  const tracked = { ...queue, records: async () => ({ read: down, redrive: down }) };
  expect((await retryDeadLetters(tracked, "all")).retried).toEqual(["job-1"]);
  expect((await waiting(queue))[0]?.envelope).toMatchObject({ jobId: "job-1", redrives: 5 });
});

test("only the jobs that are named are retried; the others stay visible", async () => {
  const queue = await queues.open("emails");
  for (const jobId of ["a", "b", "c"]) await bury(queue, jobId);
  const report = await retryDeadLetters(queue, new Set(["b", "nobody"]));
  expect(report.retried).toEqual(["b"]);
  expect(ids(await waiting(queue))).toEqual(["b"]);
  expect(ids(await listDeadLetters(queue, 10)).sort()).toEqual(["a", "c"]);
});

test("a message of somebody else's keeps the id and the type of what its handler gets", async () => {
  const queue = await queues.open("emails");
  for (const body of ['{"a":1}', "plain", "12"])
    await queue.sqs.send(new SendMessageCommand({ QueueUrl: queue.deadLetterUrl, MessageBody: body }));
  const before = await listDeadLetters(queue, 10);
  await retryDeadLetters(queue, "all");
  const after = await waiting(queue);
  expect(ids(after).sort()).toEqual(ids(before).sort());
  expect(after.map(payloadOf)).toEqual(expect.arrayContaining([{ a: 1 }, "plain", "12"]));
});

test("a message with no room for our attribute is retried all the same", async () => {
  const queue = await queues.open("emails");
  const attributes = Object.fromEntries(
    Array.from({ length: 10 }, (_, at) => [`a${at}`, { DataType: "String", StringValue: "x" }]),
  );
  await queue.sqs.send(
    new SendMessageCommand({
      QueueUrl: queue.deadLetterUrl,
      MessageBody: "full",
      MessageAttributes: attributes,
    }),
  );
  expect((await retryDeadLetters(queue, "all")).retried).toHaveLength(1);
  expect(Object.keys((await waiting(queue))[0]?.attributes ?? {})).toHaveLength(10);
});

test("a job that fails again meanwhile is retried once, not for ever", async () => {
  const queue = await queues.open("emails");
  await bury(queue, "again");
  const failing: DeadLetterQueue = {
    ...queue,
    sqs: {
      send: (async (command: { constructor: { name: string } }) => {
        const answer = await queue.sqs.send(command as never);
        if (command.constructor.name === "SendMessageBatchCommand") await bury(queue, "again");
        return answer;
      }) as SQSClient["send"],
    },
  };
  expect((await retryDeadLetters(failing, "all")).retried).toEqual(["again"]);
  expect(ids(await listDeadLetters(queue, 10))).toEqual(["again"]);
});

test("purges what is named, or everything", async () => {
  const queue = await queues.open("emails");
  for (const jobId of ["a", "b", "c"]) await bury(queue, jobId);
  expect(await purgeDeadLetters(queue, new Set(["b"]))).toEqual({ purged: ["b"], refused: [] });
  expect(ids(await listDeadLetters(queue, 10)).sort()).toEqual(["a", "c"]);
  expect(await purgeDeadLetters(queue, "all")).toEqual({ purged: null, refused: [] });
  expect(await listDeadLetters(queue, 10)).toEqual([]);
  expect(await waiting(queue)).toEqual([]);
});
