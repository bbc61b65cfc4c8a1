import { afterEach, expect, test } from "vitest";
import { defaultQueueSettings } from "../config/queue-config.js";
import type { JobRecord } from "../job/job-record.js";
import { createFakeClock, letPromisesRun } from "../job/testing/fake-clock.js";
import { createFakeJobQueue } from "../job/testing/fake-job-queue.js";
import { pendingRow } from "../job/testing/fake-records.js";
import { sqsEvent } from "../job/testing/sqs-event.js";
import { hear as listen, trackedQueue } from "../job/testing/tracked-queue.js";
import type { LifecycleEvents } from "../log/lifecycle-events.js";
import { createQueueHandler } from "./queue.js";

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

function hear<K extends keyof LifecycleEvents>(kind: K): LifecycleEvents[K][] {
  const { heard, stop } = listen(kind);
  stops.push(stop);
  return heard;
}

const down = Object.assign(new Error("connect ECONNREFUSED"), { name: "NetworkingError" });
const throws = () => {
  throw new Error("no");
};

test("a table that cannot be reached: nothing runs, everything goes back for a few seconds, and it is told once", async () => {
  const errors = hear("error");
  const returned = hear("jobReturned");
  let runs = 0;
  const { handle, records, queue } = trackedQueue({ default: () => void runs++ });
  records.failing.claim = { error: down, written: false };
  expect(await handle({ id: "a" }, { id: "b", receivedCount: 3 })).toEqual(["a", "b"]);
  expect(runs).toBe(0);
  expect(queue.visibility).toEqual({ a: 5, b: 20 });
  expect(errors).toMatchObject([{ error: { code: "QR_RECORDS_UNREACHABLE", cause: down } }]);
  expect(returned.map(({ jobId }) => jobId)).toEqual(["a", "b"]);
  records.failing.claim = undefined;
  expect(await handle({ id: "a", receivedCount: 90 }, { id: "b", receivedCount: 4 })).toEqual([]);
  expect(records.rows.get("a")).toMatchObject({ status: "completed", attempt: 1 });
});

test("FIFO: a group waits behind a job whose record cannot be reached", async () => {
  const { handle, records, queue, calls } = trackedQueue({ default: () => {} }, { fifo: true });
  records.failing.claim = { error: down, written: false };
  expect(await handle({ id: "a", group: "g" }, { id: "b", group: "g" })).toEqual(["a", "b"]);
  expect(calls[0]).toBe("claim a");
  expect(calls).not.toContain("claim b");
  expect(queue.visibility).toEqual({ a: 5, b: 0 });
});

test("the answer to a claim is lost: the attempt was claimed, and the job runs when its lease is over", async () => {
  const attempts: number[] = [];
  const { handle, records, queue, clock } = trackedQueue(
    { default: (_: unknown, { attempt }: { attempt: number }) => void attempts.push(attempt) },
    { settings: { timeoutSeconds: 10 } },
  );
  records.failing.claim = { error: down, written: true };
  expect(await handle({ id: "a" })).toEqual(["a"]);
  records.failing.claim = undefined;
  clock.jump(5_000);
  expect(await handle({ id: "a", receivedCount: 2 })).toEqual(["a"]);
  expect(queue.visibility).toEqual({ a: 11 });
  clock.jump(11_000);
  expect(await handle({ id: "a", receivedCount: 3 })).toEqual([]);
  expect(attempts).toEqual([2]);
});

test("an outcome that cannot be recorded: the message comes back when the lease is over, and the job runs again", async () => {
  const failed = hear("jobFailed");
  let runs = 0;
  const { handle, records, queue, clock } = trackedQueue(
    { default: () => ++runs },
    { settings: { timeoutSeconds: 10 } },
  );
  records.failing.complete = { error: down, written: false };
  expect(await handle({ id: "a" })).toEqual(["a"]);
  expect(queue.visibility).toEqual({ a: 16 });
  expect(failed).toMatchObject([
    { error: { code: "QR_RECORDS_UNREACHABLE" }, outcome: { kind: "retry", delaySeconds: 16 } },
  ]);
  records.failing.complete = undefined;
  clock.jump(16_000);
  expect(await handle({ id: "a", receivedCount: 2 })).toEqual([]);
  expect(records.rows.get("a")).toMatchObject({ status: "completed", attempt: 2, result: 2 });
});

test("the answer to a completion is lost: the message comes back, and is deleted without being run again", async () => {
  let runs = 0;
  const { handle, records, queue } = trackedQueue({ default: () => ++runs });
  records.failing.complete = { error: down, written: true };
  expect(await handle({ id: "a" })).toEqual(["a"]);
  expect(queue.visibility.a).toBeGreaterThan(0);
  expect(await handle({ id: "a", receivedCount: 2 })).toEqual([]);
  expect(runs).toBe(1);
  expect(records.rows.get("a")).toMatchObject({ status: "completed", result: 1 });
});

test("a failed attempt that cannot be recorded waits for its lease, or its backoff if that is longer", async () => {
  for (const backoffDelaySeconds of [1, 100]) {
    const settings = { timeoutSeconds: 10, backoffDelaySeconds };
    const { handle, records, queue } = trackedQueue({ default: throws }, { settings });
    records.failing.retry = { error: down, written: false };
    expect(await handle({ id: "a" })).toEqual(["a"]);
    expect(queue.visibility).toEqual({ a: Math.max(16, backoffDelaySeconds) });
  }
});

test("a dead letter that cannot be recorded: the message comes back, and the job is dead-lettered again", async () => {
  const { handle, records, queue, clock } = trackedQueue(
    { default: throws },
    { settings: { timeoutSeconds: 10, retries: 0 } },
  );
  records.failing.fail = { error: down, written: false };
  expect(await handle({ id: "a" })).toEqual(["a"]);
  expect(queue.visibility).toEqual({ a: 16 });
  expect(queue.deleted).toEqual([]);
  records.failing.fail = undefined;
  clock.jump(16_000);
  expect(await handle({ id: "a", receivedCount: 2 })).toEqual([]);
  expect(queue.deadLetters).toHaveLength(2);
  expect(records.rows.get("a")).toMatchObject({ status: "failed", attempt: 2 });
});

test("a process that died between dead letter and record: the job is dead-lettered again, without being run", async () => {
  let runs = 0;
  const { handle, records, queue } = trackedQueue(
    { default: () => void runs++ },
    { settings: { retries: 1 } },
  );
  records.rows.set("a", pendingRow({ status: "running", attempt: 2, leaseToken: "dead" }));
  expect(await handle({ id: "a", receivedCount: 3 })).toEqual([]);
  expect(runs).toBe(0);
  expect(queue.deadLetters).toHaveLength(1);
  expect(records.rows.get("a")?.status).toBe("failed");
});

test("a process that died between record and send leaves a pending record; whoever gets a message without one inserts it", async () => {
  const { handle, records } = trackedQueue({ default: () => "ran" });
  records.rows.set("never-sent", pendingRow());
  expect(await handle({ id: "taken-back" })).toEqual([]);
  expect(records.rows.get("taken-back")).toMatchObject({ status: "completed", attempt: 1, result: "ran" });
  expect(records.rows.get("never-sent")).toMatchObject({ status: "pending", attempt: 0 });
});

test("a table that never answers keeps no invocation from reporting", async () => {
  const { handle, records, queue, clock } = trackedQueue(
    { default: () => {} },
    { settings: { timeoutSeconds: 10 }, remainingMs: 20_000 },
  );
  records.before.claim = (jobId) => (jobId === "a" ? new Promise(() => {}) : undefined);
  records.before.complete = () => new Promise(() => {});
  const answer = handle({ id: "a" }, { id: "b" });
  await clock.advance(20_000);
  expect(await answer).toEqual(["a", "b"]);
  expect(queue.visibility).toEqual({ a: 5, b: 1 });
});

test("claiming takes nothing of the job's own time, and its call ends before its lease does", async () => {
  const timedOut: number[] = [];
  for (const claimTakesMs of [2_000, 8_000]) {
    const { handle, records, clock } = trackedQueue(
      { default: () => new Promise(() => {}) },
      { settings: { timeoutSeconds: 10, retries: 0 } },
    );
    records.before.claim = () => new Promise((resolve) => void clock.at(clock.now() + claimTakesMs, resolve));
    const startedAt = clock.now();
    const answer = handle({ id: "a" });
    records.before.fail = () => void timedOut.push(clock.now() - startedAt);
    await clock.advance(20_000);
    expect(await answer).toEqual([]);
  }
  expect(timedOut).toEqual([12_000, 14_000]);
});

test("a tracked queue's function that knows of no table runs nothing, and says what to do", async () => {
  const errors = hear("error");
  const queue = createFakeJobQueue<JobRecord>();
  const handler = createQueueHandler(
    {
      name: "test",
      fifo: false,
      settings: { ...defaultQueueSettings(false), track: true },
      load: async () => ({ default: () => expect.fail("it ran") }),
    },
    { queue, clock: createFakeClock() },
  );
  const context = { awsRequestId: "r", getRemainingTimeInMillis: () => 310_000 };
  const { batchItemFailures } = await handler(sqsEvent({ id: "a" }), context);
  await letPromisesRun();
  expect(batchItemFailures).toEqual([{ itemIdentifier: "a" }]);
  expect(errors).toMatchObject([
    { error: { code: "QR_RECORDS_UNREACHABLE", cause: { code: "QR_NO_RECORDS_TABLE" } } },
  ]);
});
