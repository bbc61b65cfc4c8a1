import { CreateQueueCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { StoredRecord } from "@queue-run/runtime/records";
import { defaultEnvelope, encodeEnvelope, FAILURE_ATTRIBUTE } from "@queue-run/runtime/wire";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { realClock } from "../../../clock/real-clock.js";
import { createBroker } from "../../../local-sqs/broker/create-broker.js";
import { startSqsServer } from "../../../local-sqs/server.js";
import { payloadOf } from "./dead-letter.js";
import { type DeadLetterQueue, receive, remove } from "./dead-letter-queue.js";
import { listDeadLetters } from "./list-dead-letters.js";
import { purgeDeadLetters } from "./purge-dead-letters.js";
import { retryDeadLetters } from "./retry-dead-letters.js";
import { walkDeadLetters } from "./walk-dead-letters.js";

let stop: () => Promise<void>;
let open: (name: string) => Promise<DeadLetterQueue>;

beforeEach(async () => {
  const broker = await createBroker({ clock: realClock });
  const server = await startSqsServer({ broker, port: 0 });
  const sqs = new SQSClient({
    endpoint: `http://127.0.0.1:${server.port}`,
    region: "us-east-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
  open = async (name) => {
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
  stop = async () => {
    sqs.destroy();
    await server.close();
  };
});

afterEach(() => stop());

/** Puts a job into the dead-letter queue as the runtime does. */
async function bury(
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
function waiting(queue: DeadLetterQueue) {
  return receive({ ...queue, deadLetterUrl: queue.queueUrl });
}

const ids = (letters: { jobId: string }[]) => letters.map(({ jobId }) => jobId);

test("lists more than one receive gives, with why each failed, and leaves all of them visible", async () => {
  const queue = await open("emails");
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
  const queue = await open("emails");
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
  const queue = await open("emails");
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
  const plain = await open("emails");
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
  const queue = await open("emails");
  await bury(queue, "job-1", { redrives: 4 });
  const down = async (): Promise<never> => {
    throw new Error("connect ECONNREFUSED");
  };
  const tracked = { ...queue, records: async () => ({ read: down, redrive: down }) };
  expect((await retryDeadLetters(tracked, "all")).retried).toEqual(["job-1"]);
  expect((await waiting(queue))[0]?.envelope).toMatchObject({ jobId: "job-1", redrives: 5 });
});

test("only the jobs that are named are retried; the others stay visible", async () => {
  const queue = await open("emails");
  for (const jobId of ["a", "b", "c"]) await bury(queue, jobId);
  const report = await retryDeadLetters(queue, new Set(["b", "nobody"]));
  expect(report.retried).toEqual(["b"]);
  expect(ids(await waiting(queue))).toEqual(["b"]);
  expect(ids(await listDeadLetters(queue, 10)).sort()).toEqual(["a", "c"]);
});

test("a message of somebody else's keeps the id and the type of what its handler gets", async () => {
  const queue = await open("emails");
  for (const body of ['{"a":1}', "plain", "12"])
    await queue.sqs.send(new SendMessageCommand({ QueueUrl: queue.deadLetterUrl, MessageBody: body }));
  const before = await listDeadLetters(queue, 10);
  await retryDeadLetters(queue, "all");
  const after = await waiting(queue);
  expect(ids(after).sort()).toEqual(ids(before).sort());
  expect(after.map(payloadOf)).toEqual(expect.arrayContaining([{ a: 1 }, "plain", "12"]));
});

test("a message with no room for our attribute is retried all the same", async () => {
  const queue = await open("emails");
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
  const queue = await open("emails");
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

describe("FIFO", () => {
  test("every group's jobs go back in their order, also more of a group than one receive gives", async () => {
    const queue = await open("orders.fifo");
    const expected = { a: [] as string[], b: [] as string[] };
    for (let at = 0; at < 26; at++) {
      const group = at % 3 === 0 ? "b" : "a";
      await bury(queue, `job-${at}`, { group });
      expected[group].push(`job-${at}`);
    }
    expect((await retryDeadLetters(queue, "all")).retried).toHaveLength(26);
    const found = { a: [] as string[], b: [] as string[] };
    await retryDeadLetters(
      { ...queue, deadLetterUrl: queue.queueUrl, queueUrl: queue.deadLetterUrl },
      "all",
    ).then(({ retried }) => {
      for (const jobId of retried) found[expected.a.includes(jobId) ? "a" : "b"].push(jobId);
    });
    expect(found).toEqual(expected);
  });

  test("a job does not overtake an earlier dead letter of its group", async () => {
    const queue = await open("orders.fifo");
    for (const jobId of ["first", "second"]) await bury(queue, jobId);
    await bury(queue, "other", { group: "h" });
    const report = await retryDeadLetters(queue, new Set(["second", "other"]));
    expect(report.retried).toEqual(["other"]);
    expect(report.refused).toEqual([
      { jobId: "second", reason: expect.stringContaining("earlier dead letter") },
    ]);
    expect(ids(await listDeadLetters(queue, 10))).toEqual(["first", "second"]);
  });

  test("when one cannot be sent, its group waits and the others go", async () => {
    const queue = await open("orders.fifo");
    for (const jobId of ["a1", "a2"]) await bury(queue, jobId, { group: "a" });
    await bury(queue, "b1", { group: "b" });
    const report = await retryDeadLetters(queue, "all", (letter) =>
      letter.jobId === "a1" ? { ...letter, body: "\u0000" } : letter,
    );
    expect(report.retried).toEqual(["b1"]);
    expect(report.refused.map(({ jobId }) => jobId)).toEqual(["a1", "a2"]);
    expect(ids(await waiting(queue))).toEqual(["b1"]);
    expect(ids(await listDeadLetters(queue, 10))).toEqual(["a1", "a2"]);
  });

  test("a dead letter that could not be deleted holds its group, so that retrying it again overtakes nobody", async () => {
    const queue = await open("orders.fifo");
    for (const jobId of ["a1", "a2"]) await bury(queue, jobId, { group: "a" });
    await bury(queue, "b1", { group: "b" });
    let deletions = 0;
    const firstFails = {
      send: (async (command: { constructor: { name: string }; input: { Entries?: { Id: string }[] } }) => {
        const isFirst = command.constructor.name === "DeleteMessageBatchCommand" && deletions++ === 0;
        if (!isFirst) return queue.sqs.send(command as never);
        const Failed = command.input.Entries?.map(({ Id }) => ({
          Id,
          Code: "InternalError",
          SenderFault: false,
        }));
        return { Failed };
      }) as SQSClient["send"],
    };
    const report = await retryDeadLetters({ ...queue, sqs: firstFails }, "all");
    expect(report.leftBehind.map(({ jobId }) => jobId).sort()).toEqual(["a1", "b1"]);
    expect(report.refused.map(({ jobId }) => jobId)).toEqual(["a2"]);
    expect((await retryDeadLetters(queue, "all")).retried.sort()).toEqual(["a1", "a2", "b1"]);
    const back: string[] = [];
    for (let found = await waiting(queue); found.length > 0; found = await waiting(queue)) {
      back.push(...ids(found));
      await remove({ ...queue, deadLetterUrl: queue.queueUrl }, found);
    }
    expect(back.sort()).toEqual(["a1", "a2", "b1"]);
  });

  test("retrying again after a deletion that failed does not make a second job", async () => {
    const queue = await open("orders.fifo");
    await bury(queue, "a1");
    const noDelete = {
      send: (async (command: { constructor: { name: string } }) =>
        command.constructor.name === "DeleteMessageBatchCommand"
          ? { Failed: [{ Id: "0", Code: "InternalError", SenderFault: false }] }
          : queue.sqs.send(command as never)) as SQSClient["send"],
    };
    const report = await retryDeadLetters({ ...queue, sqs: noDelete }, "all");
    expect(report.leftBehind).toEqual([{ jobId: "a1", reason: "InternalError" }]);
    expect((await retryDeadLetters(queue, "all")).retried).toEqual(["a1"]);
    expect(ids(await waiting(queue))).toEqual(["a1"]);
    expect(await waiting(queue)).toEqual([]);
  });
});

test("purges what is named, or everything", async () => {
  const queue = await open("emails");
  for (const jobId of ["a", "b", "c"]) await bury(queue, jobId);
  expect(await purgeDeadLetters(queue, new Set(["b"]))).toEqual({ purged: ["b"], refused: [] });
  expect(ids(await listDeadLetters(queue, 10)).sort()).toEqual(["a", "c"]);
  expect(await purgeDeadLetters(queue, "all")).toEqual({ purged: null, refused: [] });
  expect(await listDeadLetters(queue, 10)).toEqual([]);
  expect(await waiting(queue)).toEqual([]);
});
