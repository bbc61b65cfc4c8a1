import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  ConflictException,
  CreateScheduleCommand,
  type CreateScheduleCommandInput,
  DeleteScheduleCommand,
  GetScheduleCommand,
  ListSchedulesCommand,
  ResourceNotFoundException,
  SchedulerClient,
  ValidationException,
} from "@aws-sdk/client-scheduler";
import { defaultEnvelope, ENVELOPE_ATTRIBUTE, encodeEnvelope } from "@queue-run/runtime/wire";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createTestClock, type TestClock } from "../clock/test-clock.js";
import { DurableStorage } from "../local-sqs/storage/durable-storage.js";
import { MemoryStorage } from "../local-sqs/storage/memory-storage.js";
import type { Storage } from "../local-sqs/storage/storage.js";
import { type LocalScheduler, openScheduler } from "./local-scheduler.js";
import { answerSchedulerRequest } from "./rest.js";
import type { MessageInput } from "./schedule-input.js";

const GROUP = "queue-run-dev";
const START_MS = Date.UTC(2027, 2, 27, 23, 30, 0);

let clock: TestClock;
let stored: Map<string, string>;
let scheduler: LocalScheduler;
let sent: { atMs: number; body: unknown }[];
let refusals: unknown[];
let refuse: (message: MessageInput) => boolean;

const settle = () => new Promise((resolve) => setImmediate(resolve));

async function open(storage: Storage = new MemoryStorage(stored)): Promise<LocalScheduler> {
  return openScheduler({
    storage,
    clock,
    groupName: GROUP,
    async send(message) {
      if (refuse(message)) throw new Error("The specified queue does not exist.");
      sent.push({ atMs: clock.now() - START_MS, body: message.MessageBody });
    },
    onFailure: (message, error) => void refusals.push([message.QueueUrl, String(error)]),
  });
}

beforeEach(async () => {
  clock = createTestClock(START_MS);
  stored = new Map();
  sent = [];
  refusals = [];
  refuse = () => false;
  scheduler = await open();
});

afterEach(() => scheduler.close());

/** @param dueMs - when its message is due, in milliseconds from the start; its envelope says so where it is told */
function schedule(body: string, dueMs: number, { inEnvelope = true, ...changes } = {}) {
  const dueAt = START_MS + dueMs;
  const envelope = encodeEnvelope({ ...defaultEnvelope(), dueAt });
  const attributes = { [ENVELOPE_ATTRIBUTE]: { DataType: "String", StringValue: envelope } };
  return {
    GroupName: GROUP,
    ClientToken: `token of ${body}`,
    ScheduleExpression: `at(${new Date(Math.ceil(dueAt / 1_000) * 1_000).toISOString().slice(0, 19)})`,
    FlexibleTimeWindow: { Mode: "OFF" as const },
    Target: {
      Arn: "arn:aws:scheduler:::aws-sdk:sqs:sendMessage",
      RoleArn: "arn:aws:iam::000000000000:role/any",
      Input: JSON.stringify({
        QueueUrl: "http://localhost/000000000000/mail",
        MessageBody: body,
        ...(inEnvelope && { MessageAttributes: attributes }),
      }),
    },
    ...changes,
  };
}

async function advance(ms: number): Promise<void> {
  clock.advance(ms);
  await settle();
}

describe("a schedule", () => {
  test("sends its message at the millisecond that it is due, once, and is gone", async () => {
    await scheduler.create("one", schedule("hello", 1_200_250));
    await advance(1_200_249);
    expect(sent).toEqual([]);
    await advance(1);
    expect(sent).toEqual([{ atMs: 1_200_250, body: "hello" }]);
    expect(() => scheduler.get("one", GROUP)).toThrow("does not exist");
    await advance(86_400_000);
    expect(sent).toHaveLength(1);
    expect(stored.size).toBe(0);
  });

  test("of a message that says nothing of it goes at its whole second", async () => {
    await scheduler.create("one", schedule("foreign", 1_250, { inEnvelope: false }));
    await advance(1_999);
    expect(sent).toEqual([]);
    await advance(1);
    expect(sent).toEqual([{ atMs: 2_000, body: "foreign" }]);
  });

  test("goes in order of time, and among equal times in the order in which they were made", async () => {
    await scheduler.create("late", schedule("late", 5_000));
    for (const name of ["b", "c", "a"]) await scheduler.create(name, schedule(name, 3_000));
    await scheduler.create("early", schedule("early", 1_000));
    await advance(10_000);
    expect(sent.map(({ body }) => body)).toEqual(["early", "b", "c", "a", "late"]);
  });

  test("is not sent after it was deleted, and is not found twice", async () => {
    await scheduler.create("one", schedule("hello", 1_000));
    await scheduler.delete("one", GROUP);
    await expect(scheduler.delete("one", GROUP)).rejects.toMatchObject({ code: "ResourceNotFoundException" });
    await advance(10_000);
    expect(sent).toEqual([]);
  });

  test("whose message is not taken is told of once, and is tried again until it is", async () => {
    refuse = () => true;
    await scheduler.create("one", schedule("hello", 1_000));
    await advance(1_000);
    await advance(1_000);
    await advance(2_000);
    expect(refusals).toEqual([
      ["http://localhost/000000000000/mail", "Error: The specified queue does not exist."],
    ]);
    expect(scheduler.get("one", GROUP)).toMatchObject({ name: "one" });
    refuse = () => false;
    await advance(60_000);
    expect(sent).toHaveLength(1);
  });

  test("that a clock has jumped over goes at once", async () => {
    await scheduler.create("one", schedule("hello", 3_600_000));
    clock.jumpTo(START_MS + 7_200_000);
    await settle();
    expect(sent).toHaveLength(1);
  });
});

describe("a restart", () => {
  test("keeps what waits, and sends what has fallen due meanwhile, in order", async () => {
    for (const [index, name] of ["b", "c", "a"].entries()) {
      await scheduler.create(name, schedule(name, 2_000));
      if (index === 0) await scheduler.create("earlier", schedule("earlier", 1_500));
    }
    await scheduler.create("later", schedule("later", 60_000));
    await scheduler.delete("c", GROUP);
    await scheduler.close();
    clock.jumpTo(START_MS + 10_000);
    scheduler = await open();
    await advance(0);
    expect(sent.map(({ body }) => body)).toEqual(["earlier", "b", "a"]);
    await advance(50_000);
    expect(sent.at(-1)).toEqual({ atMs: 60_000, body: "later" });
  });

  test("finds on disk what was acknowledged", async () => {
    const directory = mkdtempSync(join(tmpdir(), "queue-run-scheduler-"));
    const before = await open(await DurableStorage.open(directory));
    await before.create("one", schedule("né 🚀", 1_000));
    await before.close();
    const after = await open(await DurableStorage.open(directory));
    await advance(1_000);
    expect(sent).toEqual([{ atMs: 1_000, body: "né 🚀" }]);
    await after.close();
    rmSync(directory, { recursive: true });
  });
});

describe("to AWS's own client", () => {
  let client: SchedulerClient;

  beforeEach(() => {
    client = new SchedulerClient({
      region: "us-east-1",
      endpoint: "http://localhost",
      credentials: { accessKeyId: "any", secretAccessKey: "any" },
      maxAttempts: 1,
      requestHandler: {
        async handle(request: {
          method: "GET" | "POST" | "DELETE";
          path: string;
          query: Record<string, string>;
          body?: string | Uint8Array;
        }) {
          const { method, path, query, body = "" } = request;
          const text = typeof body === "string" ? body : new TextDecoder().decode(body);
          const answer = await answerSchedulerRequest(scheduler, { method, path, query }, text);
          const { status: statusCode, headers } = answer;
          return { response: { statusCode, headers, body: Buffer.from(answer.body) } };
        },
      },
    });
  });

  const create = (name: string, changes: Partial<CreateScheduleCommandInput> = {}) =>
    client.send(new CreateScheduleCommand({ ...schedule(name, 60_000), Name: name, ...changes }));

  test("it makes, shows and deletes schedules", async () => {
    expect(await create("one")).toMatchObject({
      ScheduleArn: `arn:aws:scheduler:us-east-1:000000000000:schedule/${GROUP}/one`,
    });
    const found = await client.send(new GetScheduleCommand({ Name: "one", GroupName: GROUP }));
    expect(found).toMatchObject({
      Name: "one",
      GroupName: GROUP,
      State: "ENABLED",
      ScheduleExpression: "at(2027-03-27T23:31:00)",
      Target: { Input: expect.stringContaining("QueueUrl") },
      CreationDate: new Date(START_MS),
    });
    await client.send(new DeleteScheduleCommand({ Name: "one", GroupName: GROUP }));
    const gone = client.send(new DeleteScheduleCommand({ Name: "one", GroupName: GROUP }));
    await expect(gone).rejects.toThrow(ResourceNotFoundException);
  });

  test("the same call again succeeds, another of the same name does not", async () => {
    await create("one");
    await create("one");
    await expect(create("one", { ClientToken: "another" })).rejects.toThrow(ConflictException);
    await advance(60_000);
    expect(sent).toHaveLength(1);
  });

  test("it lists by prefix, page by page", async () => {
    for (const name of ["b1", "a2", "a1", "a3"]) await create(name);
    const list = (input: object) => client.send(new ListSchedulesCommand({ GroupName: GROUP, ...input }));
    const first = await list({ NamePrefix: "a", MaxResults: 2 });
    expect(first.Schedules?.map(({ Name }) => Name)).toEqual(["a1", "a2"]);
    const second = await list({ NamePrefix: "a", MaxResults: 2, NextToken: first.NextToken });
    expect(second.Schedules?.map(({ Name }) => Name)).toEqual(["a3"]);
    expect(second.NextToken).toBeUndefined();
  });

  test.each([
    ["a zone in the time", { ScheduleExpression: "at(2027-03-27T23:31:00Z)" }],
    ["a day that is none", { ScheduleExpression: "at(2027-02-30T00:00:00)" }],
    ["a schedule that comes back", { ScheduleExpression: "rate(5 minutes)" }],
    ["another time zone", { ScheduleExpressionTimezone: "Europe/Paris" }],
    [
      "another target",
      { Target: { Arn: "arn:aws:lambda:us-east-1:0:function:f", RoleArn: "r", Input: "{}" } },
    ],
    ["an input that is no message", { Target: { ...schedule("x", 1).Target, Input: "{}" } }],
    ["an input over 256 KB", { Target: { ...schedule("x", 1).Target, Input: " ".repeat(262_145) } }],
    ["a window", { FlexibleTimeWindow: { Mode: "FLEXIBLE" as const, MaximumWindowInMinutes: 5 } }],
  ])("it refuses %s", async (_, changes) => {
    await expect(create("one", changes)).rejects.toThrow(ValidationException);
  });

  test("it refuses a group that is not there", async () => {
    await expect(create("one", { GroupName: "another" })).rejects.toThrow(ResourceNotFoundException);
  });
});
