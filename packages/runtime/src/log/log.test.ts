import { afterEach, expect, test } from "vitest";
import { defaultQueueSettings } from "../config/queue-config.js";
import { runInScope } from "../context/invocation-scope.js";
import { toJobRecord } from "../job/job-record.js";
import { JobScope } from "../job/job-scope.js";
import { sqsRecord } from "../job/testing/sqs-event.js";
import { captureConsole } from "./console-capture.js";
import { logAsJson } from "./json-lines.js";
import { emitLifecycle, type LifecycleEvents, onLifecycle } from "./lifecycle-events.js";
import { logger } from "./logger.js";

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

/** A console that remembers what reached it, captured. */
function capturedConsole(outsideToo = false) {
  const written: string[] = [];
  const remember = (...values: unknown[]) => void written.push(values.join(" "));
  const target = {
    debug: remember,
    info: remember,
    log: remember,
    warn: remember,
    error: remember,
    trace: remember,
  };
  stops.push(captureConsole(target as unknown as Console, { outsideToo }));
  return { target, written };
}

/** Runs something as a job's handler would be. */
function inJob(body: () => void) {
  const fn = { name: "emails", fifo: false, settings: defaultQueueSettings(false), load: async () => ({}) };
  const trace = { traceId: "c".repeat(32), spanId: "d".repeat(16), sampled: true };
  const record = toJobRecord(sqsRecord({ id: "m1", receivedCount: 2, envelope: { trace } }), fn, false);
  runInScope(new JobScope([record], { fn, requestId: "request-1" }), body);
}

function jsonLines(): () => Record<string, unknown>[] {
  const lines: string[] = [];
  stops.push(
    logAsJson(
      (line) => lines.push(line),
      () => 0,
    ),
  );
  return () => {
    for (const line of lines) expect(line).toMatch(/^[^\n]*\n$/);
    return lines.map((line) => JSON.parse(line));
  };
}

test("what a handler logs becomes an event with its source, and what others log stays on the console", () => {
  const { target, written } = capturedConsole();
  const events: LifecycleEvents["log"][] = [];
  stops.push(onLifecycle("log", (event) => events.push(event)));
  inJob(() => target.warn("careful", { n: 1 }));
  target.log("outside");
  expect(events).toEqual([
    {
      level: "warn",
      arguments: ["careful", { n: 1 }],
      source: {
        handler: "emails",
        requestId: "request-1",
        queueName: "emails",
        jobId: "m1",
        attempt: 2,
        traceId: "c".repeat(32),
      },
    },
  ]);
  expect(written).toEqual(["outside"]);
});

test("without a listener the console is what it was", () => {
  const { target, written } = capturedConsole();
  inJob(() => target.log("hello"));
  expect(written).toEqual(["hello"]);
});

test("a listener that logs is not told of its own lines, and one that throws breaks nothing", () => {
  const { target, written } = capturedConsole();
  stops.push(logger.on("log", () => target.log("from the listener")));
  stops.push(
    logger.on("log", () => {
      throw new Error("broken listener");
    }),
  );
  inJob(() => target.log("hello"));
  expect(written).toEqual(["from the listener"]);
});

test("on Lambda every call is one line of JSON", () => {
  const { target, written } = capturedConsole(true);
  const lines = jsonLines();
  inJob(() => target.log("sent %d of\n%s", 3, "ten"));
  target.debug({ cold: true });
  expect(lines()).toEqual([
    {
      timestamp: "1970-01-01T00:00:00.000Z",
      level: "INFO",
      requestId: "request-1",
      queueName: "emails",
      jobId: "m1",
      attempt: 2,
      traceId: "c".repeat(32),
      message: "sent 3 of\nten",
    },
    { timestamp: "1970-01-01T00:00:00.000Z", level: "DEBUG", message: { cold: true } },
  ]);
  expect(written).toEqual([]);
});

test("errors keep their stack and their cause", () => {
  const { target } = capturedConsole(true);
  const lines = jsonLines();
  target.error("could not send", new TypeError("no address", { cause: new Error("row 5") }));
  target.error(new Error("alone"));
  const [first, second] = lines();
  expect(first).toMatchObject({
    level: "ERROR",
    message: "could not send",
    error: { name: "TypeError", message: "no address", cause: { message: "row 5" } },
  });
  expect(first).toMatchObject({ error: { stack: expect.stringContaining("log.test.ts") } });
  expect(second).toMatchObject({ message: "alone", error: { message: "alone" } });
});

test("headers that carry secrets are hidden, and what JSON cannot carry is put into words", () => {
  const { target } = capturedConsole(true);
  const lines = jsonLines();
  const circular: Record<string, unknown> = { big: 10n, bytes: Buffer.from("abc"), when: new Date(0) };
  circular.self = circular;
  target.log({ headers: { Authorization: "Bearer s3cret", cookie: "sid=s3cret", accept: "*/*" } });
  target.log("request", new Map([["set-cookie", "sid=s3cret"]]));
  target.log(circular);
  expect(JSON.stringify(lines())).not.toContain("s3cret");
  expect(lines()[0]?.message).toEqual({
    headers: { Authorization: "[redacted]", cookie: "[redacted]", accept: "*/*" },
  });
  expect(lines()[2]?.message).toEqual({
    big: "10n",
    bytes: "[3 bytes]",
    when: "1970-01-01T00:00:00.000Z",
    self: "[circular]",
  });
});

test("a job that failed is a line with what becomes of it", () => {
  const lines = jsonLines();
  const source = {
    handler: "emails",
    requestId: "r",
    queueName: "emails",
    jobId: "j",
    attempt: 1,
    traceId: null,
  };
  const event = {
    queueName: "emails",
    jobId: "j",
    job: "default",
    groupId: null,
    attempt: 1,
    maxAttempts: 5,
    source,
  };
  logger.emit("jobFailed", {
    ...event,
    durationMs: 12.4,
    error: new Error("no"),
    outcome: { kind: "retry", delaySeconds: 3 },
  });
  expect(lines()).toMatchObject([
    {
      level: "WARN",
      queueName: "emails",
      jobId: "j",
      message: "Job, attempt 1 of 5, failed (retry in 3 s): no",
      durationMs: 12,
      error: { name: "Error", message: "no" },
    },
  ]);
});

test("so is a run of a schedule that failed, and one that was skipped", () => {
  const lines = jsonLines();
  const source = { handler: "daily", requestId: "r", queueName: null, jobId: "j", attempt: 1, traceId: null };
  const event = {
    queueName: null,
    scheduleName: "daily",
    jobId: "j",
    job: "default",
    groupId: null,
    attempt: 1,
    maxAttempts: 1,
    source,
  };
  const outcome = { kind: "given-up" as const, reason: "attempt 1 of 1 failed" };
  logger.emit("jobFailed", { ...event, durationMs: 12.4, error: new Error("no"), outcome });
  logger.emit("jobSkipped", { ...event, reason: "the run before it goes on" });
  expect(lines()).toMatchObject([
    {
      level: "ERROR",
      handler: "daily",
      jobId: "j",
      message: "Run, attempt 1 of 1, failed (given up: attempt 1 of 1 failed): no",
    },
    { level: "WARN", handler: "daily", message: "Skipped a run: the run before it goes on" },
  ]);
});

test("an error that was told is not told again by whoever runs the handler, outside of it", () => {
  const { target } = capturedConsole(true);
  const lines = jsonLines();
  const error = new Error("told");
  const source = {
    handler: "daily",
    requestId: "r",
    queueName: null,
    jobId: null,
    attempt: null,
    traceId: null,
  };
  emitLifecycle("error", { error, source });
  target.error(error);
  inJob(() => target.error(error));
  target.error(new Error("not told"));
  expect(lines().map(({ message, requestId = null }) => [message, requestId])).toEqual([
    ["told", "r"],
    ["told", "request-1"],
    ["not told", null],
  ]);
});
