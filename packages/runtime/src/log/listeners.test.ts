import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { configureInstance } from "../config/instance.js";
import { defaultQueueSettings } from "../config/queue-config.js";
import { currentScope } from "../context/invocation-scope.js";
import type { HttpContext } from "../http/http-context.js";
import { ask } from "../http/testing/requests.js";
import type { JobRecord } from "../job/job-record.js";
import { createFakeJobQueue } from "../job/testing/fake-job-queue.js";
import { sqsEvent } from "../job/testing/sqs-event.js";
import type { UserModule } from "../lambda/functions.js";
import { createQueueHandler } from "../lambda/queue.js";
import { queues } from "../queue/queues.js";
import { configureQueues, startRecordingSqs } from "../queue/testing/recording-sqs.js";
import { captureConsole } from "./console-capture.js";
import { type LifecycleEvents, onLifecycle } from "./lifecycle-events.js";
import { logger } from "./logger.js";

const stops: (() => unknown)[] = [];
let errors: LifecycleEvents["error"][] = [];
beforeEach(() => {
  errors = [];
  stops.push(onLifecycle("error", (event) => errors.push(event)));
});
afterEach(async () => {
  configureInstance(null);
  vi.useRealTimers();
  for (const stop of stops.splice(0)) await stop();
});

const codes = () => errors.map(({ error }) => (error as { code?: string }).code);

function on<K extends keyof LifecycleEvents>(
  kind: K,
  listener: (event: LifecycleEvents[K]) => unknown,
): void {
  stops.push(logger.on(kind, listener));
}

/** Runs one job of the queue "emails". */
function runJob(module: UserModule, loadIndex?: () => Promise<UserModule>) {
  const fn = {
    name: "emails",
    fifo: false,
    settings: defaultQueueSettings(false),
    load: async () => module,
    ...(loadIndex && { loadIndex }),
  };
  const handler = createQueueHandler(fn, { queue: createFakeJobQueue<JobRecord>() });
  const context = { awsRequestId: "request-1", getRemainingTimeInMillis: () => 300_000 };
  return handler(sqsEvent({ id: "m1", envelope: { userId: "ada", hops: 3 } }), context);
}

test("a listener of index.ts is told of the first job", async () => {
  const told: string[] = [];
  await runJob({ default: () => {} }, async () => {
    on("jobStarted", ({ jobId }) => told.push(`started ${jobId}`));
    on("jobFinished", ({ jobId, durationMs }) => told.push(`finished ${jobId} ${durationMs >= 0}`));
    return {};
  });
  expect(told).toEqual(["started m1", "finished m1 true"]);
});

test("requests and their answers are told", async () => {
  const told: unknown[] = [];
  on("request", ({ method, path, source }) => told.push([method, path, source.handler]));
  on("response", ({ status, source }) => told.push([status, source.requestId]));
  await ask({ "/orders/[id]": { get: ({ params }: HttpContext) => params } }, { path: "/orders/1" });
  expect(told).toEqual([
    ["GET", "/orders/1", "GET /orders/:id"],
    [200, "request-1"],
  ]);
});

test("what a listener does asynchronously is waited for, and what it begins meanwhile", async () => {
  let isSent = false;
  on("jobFinished", async () => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    isSent = true;
  });
  await runJob({ default: () => {} });
  expect(isSent).toBe(true);
});

test("one that throws, rejects, or returns something strange fails nothing but itself", async () => {
  on("jobStarted", () => {
    throw new Error("broken");
  });
  on("jobStarted", async () => {
    throw new Error("broken later");
  });
  const refuse = () => {
    throw new Error("no promise at all");
  };
  // biome-ignore lint/suspicious/noThenProperty: a listener may return anything, and this is the worst of it
  on("jobStarted", () => Object.defineProperty({}, "then", { get: refuse }));
  expect(await runJob({ default: () => {} })).toEqual({ batchItemFailures: [] });
  expect(codes()).toEqual(Array(3).fill("QR_LISTENER_FAILED"));
  expect(errors[0]).toMatchObject({
    error: { message: 'A listener of logger.on("jobStarted") failed: broken' },
    source: { jobId: "m1" },
  });
});

test("one that hangs is waited for two seconds, and that is said", async () => {
  vi.useFakeTimers();
  on("jobFinished", () => new Promise(() => {}));
  let isAnswered = false;
  const answer = runJob({ default: () => {} }).then(() => (isAnswered = true));
  await vi.advanceTimersByTimeAsync(1_900);
  expect(isAnswered).toBe(false);
  await vi.advanceTimersByTimeAsync(200);
  await answer;
  expect(errors).toMatchObject([
    { error: { code: "QR_LISTENER_FAILED", cause: { code: "QR_LISTENER_TOO_SLOW" } } },
  ]);
});

test("what a listener logs reaches the log, and no listener", async () => {
  const lines: unknown[] = [];
  const heard: unknown[] = [];
  const target = { log() {}, debug() {}, info() {}, warn() {}, error() {}, trace() {} } as unknown as Console;
  stops.push(captureConsole(target, { outsideToo: true }));
  stops.push(onLifecycle("log", ({ arguments: values }) => lines.push(values[0])));
  on("log", async ({ arguments: values }) => {
    heard.push(values[0]);
    target.log("at once");
    await null;
    target.log("later");
  });
  await runJob({ default: () => target.log("from the job") });
  expect(heard).toEqual(["from the job"]);
  expect(lines).toEqual(["from the job", "at once", "later"]);
});

test("what a listener pushes is sent before the invocation ends, in the job's chain, and is not the job's", async () => {
  const sqs = await startRecordingSqs();
  stops.push(sqs.stop);
  configureQueues(sqs.endpoint, { alerts: {} }, { readableLogs: true });
  let scope: ReturnType<typeof currentScope> = null;
  on("jobFailed", () => {
    scope = currentScope();
    void queues.get("alerts").push("a job failed");
    void queues.get("nothing").push(1);
  });
  await runJob({
    default: () => {
      throw new Error("no");
    },
  });
  expect(sqs.messages()).toMatchObject([{ MessageBody: "a job failed" }]);
  expect(scope).toMatchObject({ hops: 3, user: { id: "ada" }, job: { jobId: "m1" } });
  expect(errors).toMatchObject([
    { error: { code: "QR_LISTENER_FAILED", cause: { code: "QR_QUEUE_NOT_FOUND" } } },
  ]);
});

test("listening ends with the function that logger.on returned", async () => {
  let told = 0;
  const stop = logger.on("jobStarted", () => told++);
  await runJob({ default: () => {} });
  stop();
  await runJob({ default: () => {} });
  expect(told).toBe(1);
});

test("an event that is never told is an error, with those that are", () => {
  expect(() => logger.on("jobDone" as "jobFinished", () => {})).toThrow(
    expect.objectContaining({ code: "QR_UNKNOWN_EVENT", fix: expect.stringContaining("jobFinished") }),
  );
  expect(() => logger.on("toString" as "error", () => {})).toThrow("toString");
});
