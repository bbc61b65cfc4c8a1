import { afterEach, expect, test } from "vitest";
import { z } from "zod";
import { defaultQueueSettings, type QueueSettings } from "../config/queue-config.js";
import type { BatchJob, JobMetadata } from "../job/job-metadata.js";
import type { JobRecord } from "../job/job-record.js";
import { createFakeClock, letPromisesRun } from "../job/testing/fake-clock.js";
import { createFakeJobQueue } from "../job/testing/fake-job-queue.js";
import { type MessageSketch, sqsEvent } from "../job/testing/sqs-event.js";
import { type LifecycleEvents, onLifecycle } from "../log/lifecycle-events.js";
import { bindQueues } from "../queue/queues.js";
import type { QueueFunction, UserModule } from "./functions.js";
import { createQueueHandler } from "./queue.js";

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

type Options = {
  fifo?: boolean;
  settings?: Partial<QueueSettings>;
  fn?: Partial<QueueFunction>;
  remainingMs?: number;
};

function queueOf(
  module: UserModule,
  { fifo = false, settings = {}, fn = {}, remainingMs = 310_000 }: Options = {},
) {
  const queue = createFakeJobQueue<JobRecord>();
  const clock = createFakeClock();
  const handler = createQueueHandler(
    {
      name: "test",
      fifo,
      settings: { ...defaultQueueSettings(fifo), ...settings },
      load: async () => module,
      ...fn,
    },
    { queue, clock, random: () => 0.5 },
  );
  const context = { awsRequestId: "request-1", getRemainingTimeInMillis: () => remainingMs };
  const handle = async (...messages: MessageSketch[]) => {
    const { batchItemFailures } = await handler(sqsEvent(...messages), context);
    return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
  };
  const errors = () => queue.deadLetters.map(({ error }) => error as { code?: string; message: string });
  return { handle, queue, clock, errors, handler };
}

function heard<K extends keyof LifecycleEvents>(kind: K): LifecycleEvents[K][] {
  const events: LifecycleEvents[K][] = [];
  stops.push(onLifecycle(kind, (event) => events.push(event)));
  return events;
}

test("a named job runs the export of that name; one that is not there is dead-lettered", async () => {
  const ran: string[] = [];
  const queue = bindQueues({ queue: "test", fifo: false }).self();
  const module = {
    default: () => ran.push("default"),
    welcome: () => ran.push("welcome"),
    queue,
    config: () => {},
    batch: undefined,
  };
  const { handle, errors } = queueOf(module);
  const push = (id: string, job: string) => ({ id, envelope: { job } });
  expect(await handle(push("a", "welcome"), { id: "b" })).toEqual([]);
  expect(ran).toEqual(["welcome", "default"]);
  expect(
    await handle(push("c", "goodbye"), push("d", "queue"), push("e", "config"), push("f", "toString")),
  ).toEqual([]);
  expect(errors().map(({ code }) => code)).toEqual(Array(4).fill("QR_UNKNOWN_JOB"));
  expect(errors()[0]?.message).toContain('exports no function "goodbye"');
  expect(errors()[0]?.message).toContain("It has: default, welcome.");
});

test("a file without any handler dead-letters its jobs with what to do", async () => {
  const { handle, errors } = queueOf({ config: {} });
  expect(await handle({ id: "a" })).toEqual([]);
  expect(errors()).toMatchObject([
    { code: "QR_UNKNOWN_JOB", fix: expect.stringContaining("export default") },
  ]);
});

test("a payload that fails the schema is dead-lettered with the issues; one that fits arrives as the schema makes it", async () => {
  const payloads: unknown[] = [];
  const schema = z.object({ at: z.coerce.date() });
  const bound = bindQueues({ queue: "test", fifo: false });
  const handler = (payload: unknown) => void payloads.push(payload);
  const modules: UserModule[] = [
    { default: handler, queue: bound.self({ schema }) },
    { default: bound.self({ schema }).handler(handler as never) },
  ];
  for (const module of modules) {
    payloads.length = 0;
    const { handle, errors } = queueOf(module);
    expect(
      await handle({ id: "a", payload: { at: "2026-01-01" } }, { id: "b", payload: { at: "no" } }),
    ).toEqual([]);
    expect(payloads).toEqual([{ at: new Date("2026-01-01") }]);
    expect(errors()).toMatchObject([{ code: "QR_PAYLOAD_SCHEMA", details: { issues: [{ path: ["at"] }] } }]);
  }
});

test("a chain of jobs that is too long, and a body that cannot be read, are dead-lettered", async () => {
  const { handle, errors } = queueOf(
    { default: () => {} },
    { settings: { limits: { ...defaultQueueSettings(false).limits, hops: 3 } } },
  );
  expect(await handle({ id: "a", envelope: { hops: 3 } }, { id: "b", envelope: { hops: 4 } })).toEqual([]);
  expect(errors().map(({ code }) => code)).toEqual(["QR_TOO_MANY_HOPS"]);
  const unreadable = sqsEvent({ id: "c", payload: { a: 1 } });
  if (unreadable.Records[0]) unreadable.Records[0].body = "{broken";
  const { handler, errors: found } = queueOf({ default: () => {} });
  await handler(unreadable, { awsRequestId: "r", getRemainingTimeInMillis: () => 310_000 });
  expect(found()).toMatchObject([{ code: "QR_UNREADABLE_MESSAGE" }]);
});

test("batch gets the default jobs of a delivery in one call, each with its own outcome", async () => {
  const calls: unknown[][] = [];
  const batch = (jobs: BatchJob<number>[], { signal }: { signal: AbortSignal }) => {
    calls.push(jobs.map(({ payload, jobId }) => [jobId, payload]));
    expect(signal.aborted).toBe(false);
    for (const job of jobs) {
      if (job.payload === 2) job.retry({ delay: 9 });
      if (job.payload === 3) job.fail("three");
    }
  };
  const named: unknown[] = [];
  const { handle, queue, errors } = queueOf({ batch, other: (payload: unknown) => void named.push(payload) });
  const messages = [1, 2, 3].map((payload) => ({ id: `m${payload}`, payload }));
  expect(await handle(...messages, { id: "x", payload: 4, envelope: { job: "other" } })).toEqual(["m2"]);
  expect(calls).toEqual([
    [
      ["m1", 1],
      ["m2", 2],
      ["m3", 3],
    ],
  ]);
  expect(named).toEqual([4]);
  expect(queue.visibility).toEqual({ m2: 9 });
  expect(errors()).toMatchObject([{ message: "three" }]);
});

test("a batch that throws retries every job that it did not ack", async () => {
  const batch = ([first]: BatchJob[]) => {
    first?.ack();
    throw new Error("no");
  };
  const { handle } = queueOf({ batch });
  expect(await handle({ id: "a" }, { id: "b" }, { id: "c" })).toEqual(["b", "c"]);
});

test("FIFO: a batch is of one group", async () => {
  const calls: string[][] = [];
  const { handle } = queueOf(
    { batch: (jobs: BatchJob[]) => void calls.push(jobs.map(({ jobId }) => jobId)) },
    { fifo: true },
  );
  await handle({ id: "a1", group: "a" }, { id: "b1", group: "b" }, { id: "a2", group: "a" });
  expect(calls).toEqual([["a1", "a2"], ["b1"]]);
});

test("a handler that never returns fails at its timeout, and its neighbours do not wait for it longer", async () => {
  const module = { default: (payload: string) => (payload === "hang" ? new Promise(() => {}) : undefined) };
  const { handle, queue, clock } = queueOf(module, { settings: { timeoutSeconds: 5 }, remainingMs: 15_000 });
  const failed = heard("jobFailed");
  const answer = handle({ id: "a", payload: "hang" }, { id: "b", payload: "ok" });
  await letPromisesRun();
  await clock.advance(5_000);
  await clock.advance(2_000);
  expect(await answer).toEqual(["a"]);
  expect(failed).toMatchObject([
    { jobId: "a", error: { code: "QR_JOB_TIMEOUT" }, outcome: { kind: "retry", delaySeconds: 1 } },
  ]);
  expect(queue.visibility).toEqual({ a: 1 });
});

test("under a debugger, whose invocations last for ever, no time is kept", async () => {
  let end = () => {};
  const module = {
    default: () =>
      new Promise<void>((resolve) => {
        end = resolve;
      }),
  };
  const { handle, queue, clock } = queueOf(module, {
    settings: { timeoutSeconds: 5 },
    remainingMs: 2_147_483_647,
  });
  const answer = handle({ id: "a" });
  await letPromisesRun();
  await clock.advance(3_600_000);
  end();
  expect(await answer).toEqual([]);
  expect(queue.calls).toEqual([]);
});

test("listeners hear of every job: started, finished, failed, returned", async () => {
  const kinds = ["jobStarted", "jobFinished", "jobFailed", "jobReturned"] as const;
  const heardOf: string[] = [];
  for (const kind of kinds)
    stops.push(
      onLifecycle(kind, ({ jobId, source }) => heardOf.push(`${kind} ${jobId} ${source.requestId}`)),
    );
  const module = {
    default: (_: unknown, { jobId }: JobMetadata) => {
      if (jobId === "b") throw new Error("no");
    },
  };
  const { handle } = queueOf(module, { fifo: true });
  await handle({ id: "a", group: "g" }, { id: "b", group: "g" }, { id: "c", group: "g" });
  expect(heardOf).toEqual([
    "jobStarted a request-1",
    "jobFinished a request-1",
    "jobStarted b request-1",
    "jobFailed b request-1",
    "jobReturned c request-1",
  ]);
});

test("index.ts and its warmup run once, before the queue's file is loaded", async () => {
  const order: string[] = [];
  const { handle, handler } = queueOf(
    {},
    {
      fn: {
        loadIndex: async () => ({ warmup: async () => void order.push("warmup") }),
        load: async () => {
          order.push("load");
          return { default: () => void order.push("run") };
        },
      },
    },
  );
  await handler.ready();
  expect(order).toEqual(["warmup", "load"]);
  await handle({ id: "a" });
  await handle({ id: "b" });
  expect(order).toEqual(["warmup", "load", "run", "run"]);
});

test("code that cannot be loaded fails the invocation; its jobs go back unrun, and the next one tries again", async () => {
  const broken = new SyntaxError("Unexpected token");
  let loads = 0;
  const ran: unknown[] = [];
  const load = async () => {
    if (++loads === 1) throw broken;
    return { default: (payload: unknown) => void ran.push(payload) };
  };
  const { handle, queue } = queueOf({}, { fn: { load } });
  const errors = heard("error");
  const returned = heard("jobReturned");
  await expect(handle({ id: "a", payload: 1 }, { id: "b", receivedCount: 3 })).rejects.toBe(broken);
  expect(errors).toMatchObject([{ error: broken, source: { queueName: "test" } }]);
  expect(returned.map(({ jobId }) => jobId)).toEqual(["a", "b"]);
  expect(queue.visibility).toEqual({ a: 5, b: 20 });
  expect(await handle({ id: "a", payload: 1 })).toEqual([]);
  expect(ran).toEqual([1]);
});
