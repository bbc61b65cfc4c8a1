import { afterEach, expect, test } from "vitest";
import type { JobMetadata } from "../job/job-metadata.js";
import { letPromisesRun } from "../job/testing/fake-clock.js";
import { pendingRow } from "../job/testing/fake-records.js";
import { hear as listen, trackedQueue } from "../job/testing/tracked-queue.js";
import type { LifecycleEvents } from "../log/lifecycle-events.js";

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

function hear<K extends keyof LifecycleEvents>(kind: K): LifecycleEvents[K][] {
  const { heard, stop } = listen(kind);
  stops.push(stop);
  return heard;
}

/** A handler whose runs a test ends, one by one. */
function heldHandler() {
  const ends = new Map<string, { resolve: (value?: unknown) => void; reject: (error: unknown) => void }>();
  const started: string[] = [];
  const handler = (_: unknown, { jobId }: JobMetadata) => {
    started.push(jobId);
    return new Promise((resolve, reject) => ends.set(jobId, { resolve, reject }));
  };
  return { handler, started, end: (id: string, value?: unknown) => ends.get(id)?.resolve(value) };
}

test("a job is claimed, runs, and its return value is its result; undefined is null", async () => {
  const { handle, records, calls } = trackedQueue({ default: (payload: unknown) => payload });
  records.rows.set("a", pendingRow());
  expect(await handle({ id: "a", payload: { n: 1 } }, { id: "b", payload: null })).toEqual([]);
  expect(records.rows.get("a")).toMatchObject({ status: "completed", attempt: 1, result: { n: 1 } });
  expect(records.rows.get("b")).toMatchObject({ status: "completed", attempt: 1, result: null });
  expect(calls).toEqual(["claim a", "claim b", "complete a", "complete b"]);
});

test("a claim says what the message knows of its job, and lasts until its time is up and five seconds more", async () => {
  const { handle, records, clock } = trackedQueue(
    { welcome: () => {} },
    { settings: { timeoutSeconds: 60, retentionSeconds: 3_600, expiresSeconds: 900, retries: 2 } },
  );
  const sentAt = clock.now() - 5_000;
  const envelope = { jobId: "ours", job: "welcome", tag: "t", userId: "ada", redrives: 2, dueAt: sentAt };
  await handle({ id: "m", envelope, sentAt, group: "tenant" });
  const [{ leaseToken, ...claim } = { leaseToken: "" }] = records.claims;
  expect(leaseToken).toMatch(/^request-1\/[0-9a-f-]{36}$/);
  expect(claim).toEqual({
    queueName: "test",
    jobId: "ours",
    job: "welcome",
    maxAttempts: 3,
    redrives: 2,
    tag: "t",
    groupId: "tenant",
    userId: "ada",
    createdAtMs: sentAt,
    dueAtMs: sentAt,
    retentionSeconds: 3_600,
    isCounted: false,
    expiresSeconds: 900,
    leaseUntilMs: clock.now() + 65_000,
  });
  const late = trackedQueue({ default: () => {} }, { remainingMs: 20_000 });
  await late.handle({ id: "m" });
  expect(late.records.claims[0]?.leaseUntilMs).toBe(late.clock.now() + 20_000);
});

test("the attempt is the record's, however often SQS has handed the message out", async () => {
  const attempts: number[][] = [];
  const { handle, records } = trackedQueue({
    default: (_: unknown, { attempt, receivedCount }: JobMetadata) =>
      void attempts.push([attempt, receivedCount]),
  });
  records.rows.set("b", pendingRow({ attempt: 3 }));
  expect(await handle({ id: "a", receivedCount: 60 }, { id: "b", receivedCount: 2 })).toEqual([]);
  expect(attempts).toEqual([
    [1, 60],
    [4, 2],
  ]);
});

test("cancelled before its turn, a job never starts: its message is deleted; cancelled after, it is not counted", async () => {
  const dropped = hear("jobDropped");
  const { handler, started, end } = heldHandler();
  const { handle, records, queue } = trackedQueue({ default: handler });
  records.rows.set("a", pendingRow());
  records.rows.set("b", pendingRow());
  records.before.claim = (jobId) => void (jobId === "a" && expect(records.cancel("a")).toBe(true));
  const answer = handle({ id: "a" }, { id: "b" });
  await letPromisesRun();
  expect(records.cancel("b")).toBe(false);
  end("b");
  expect(await answer).toEqual([]);
  expect(started).toEqual(["b"]);
  expect(records.rows.get("a")?.status).toBe("cancelled");
  expect(records.rows.get("b")?.status).toBe("completed");
  expect(dropped).toMatchObject([{ jobId: "a", reason: "cancelled" }]);
  expect(queue.deadLetters).toEqual([]);
});

test("a job that waits for a retry can be cancelled, and does not come back to life", async () => {
  const { handle, records } = trackedQueue({
    default: () => {
      throw new Error("no");
    },
  });
  expect(await handle({ id: "a" })).toEqual(["a"]);
  expect(records.rows.get("a")).toMatchObject({ status: "pending", attempt: 1, error: { message: "no" } });
  expect(records.cancel("a")).toBe(true);
  expect(await handle({ id: "a", receivedCount: 2 })).toEqual([]);
  expect(records.rows.get("a")).toMatchObject({ status: "cancelled", attempt: 1 });
});

test("a job's record is pending before its message is visible, and it cannot be cancelled while its attempt fails", async () => {
  const { handle, records, calls } = trackedQueue({
    default: () => {
      throw new Error("no");
    },
  });
  records.before.retry = (jobId) => expect(records.cancel(jobId)).toBe(false);
  expect(await handle({ id: "a" })).toEqual(["a"]);
  expect(calls).toEqual(["claim a", "retry a", "visibility a=1"]);
});

test("delivered twice at once, one delivery runs it and the other goes back until the lease is over", async () => {
  const { handler, started, end } = heldHandler();
  const { handle, clock, queue } = trackedQueue({ default: handler }, { settings: { timeoutSeconds: 60 } });
  const first = handle({ id: "a" });
  await letPromisesRun();
  clock.jump(10_000);
  expect(await handle({ id: "a", receivedCount: 2 })).toEqual(["a"]);
  expect(queue.visibility).toEqual({ a: 56 });
  expect(started).toEqual(["a"]);
  end("a");
  expect(await first).toEqual([]);
});

test("delivered again after it is over, it is deleted without being run", async () => {
  const dropped = hear("jobDropped");
  let runs = 0;
  const { handle, records } = trackedQueue({ default: () => ++runs });
  for (const id of ["a", "a", "a"]) expect(await handle({ id })).toEqual([]);
  records.rows.set("f", pendingRow({ status: "failed" }));
  expect(await handle({ id: "f" })).toEqual([]);
  expect(runs).toBe(1);
  expect(records.rows.get("a")).toMatchObject({ status: "completed", result: 1 });
  expect(dropped.map(({ reason }) => reason)).toEqual(["duplicate", "duplicate", "duplicate"]);
});

test("a process that died while the job ran has used an attempt; when the lease is over, another runs it", async () => {
  const attempts: number[] = [];
  const { handle, records, clock } = trackedQueue({
    default: (_: unknown, { attempt }: JobMetadata) => void attempts.push(attempt),
  });
  const leaseUntilMs = clock.now() + 1_500;
  records.rows.set("a", pendingRow({ status: "running", attempt: 1, leaseToken: "dead", leaseUntilMs }));
  expect(await handle({ id: "a", receivedCount: 2 })).toEqual(["a"]);
  clock.jump(2_000);
  expect(await handle({ id: "a", receivedCount: 3 })).toEqual([]);
  expect(attempts).toEqual([2]);
  expect(records.rows.get("a")).toMatchObject({ status: "completed", attempt: 2 });
});

test("a job whose every attempt ended its process is dead-lettered without being run, by its record alone", async () => {
  let runs = 0;
  const module = { default: () => void runs++ };
  const { handle, records, queue, calls } = trackedQueue(module, { settings: { retries: 2 } });
  records.rows.set("a", pendingRow({ status: "running", attempt: 3, leaseToken: "dead" }));
  records.rows.set("b", pendingRow({ attempt: 2 }));
  expect(await handle({ id: "a", receivedCount: 2 }, { id: "b", receivedCount: 90 })).toEqual([]);
  expect(runs).toBe(1);
  expect(queue.deadLetters).toMatchObject([
    { record: { jobId: "a" }, attempts: 3, error: { code: "QR_PROCESS_ENDED", details: { times: 3 } } },
  ]);
  expect(records.rows.get("a")).toMatchObject({ status: "failed", error: { code: "QR_PROCESS_ENDED" } });
  expect(calls.filter((call) => call.endsWith(" a"))).toEqual([
    "claim a",
    "dead-letter a",
    "fail a",
    "delete a",
  ]);
});

test("failed for good: the dead letter is sent, then recorded, then the message is deleted", async () => {
  const module = {
    default: (_: unknown, { fail }: JobMetadata) => fail("never"),
  };
  const { handle, records, calls } = trackedQueue(module);
  expect(await handle({ id: "a" })).toEqual([]);
  expect(calls).toEqual(["claim a", "dead-letter a", "fail a", "delete a"]);
  expect(records.rows.get("a")).toMatchObject({ status: "failed", error: { message: "never" } });
});

test("when the dead-letter queue does not take it, the job waits as pending, and is sent there later, unrun", async () => {
  const errors = hear("error");
  const { handle, records, queue } = trackedQueue(
    {
      default: () => {
        throw new Error("no");
      },
    },
    { settings: { retries: 0 } },
  );
  queue.failing.deadLetter = new Error("AccessDenied");
  expect(await handle({ id: "a" })).toEqual(["a"]);
  expect(records.rows.get("a")).toMatchObject({ status: "pending", attempt: 1 });
  expect(errors).toMatchObject([{ error: { message: "AccessDenied" } }]);
  queue.failing.deadLetter = undefined;
  expect(await handle({ id: "a", receivedCount: 2 })).toEqual([]);
  expect(queue.deadLetters).toMatchObject([{ attempts: 1, error: { message: "no" } }]);
  expect(records.rows.get("a")).toMatchObject({ status: "failed", error: { message: "no" } });
});

test("a lease that was lost while the job ran: its outcome does not count, and its message is left alone", async () => {
  for (const outcome of ["done", "throws", "fails"]) {
    const failed = hear("jobFailed");
    const { handle, records, clock, calls } = trackedQueue(
      {
        default: (_: unknown, { fail }: JobMetadata) => {
          // The process was frozen, and another one has claimed the job since.
          clock.jump(4_000);
          records.rows.set("a", pendingRow({ status: "running", attempt: 2, leaseToken: "other" }));
          if (outcome === "fails") fail("never");
          if (outcome === "throws") throw new Error("no");
        },
      },
      { settings: { timeoutSeconds: 60 } },
    );
    expect(await handle({ id: "a" })).toEqual(["a"]);
    expect(records.rows.get("a")).toMatchObject({ status: "running", leaseToken: "other" });
    expect(calls.filter((call) => /visibility|delete/.test(call))).toEqual([]);
    expect(failed).toMatchObject([{ error: { code: "QR_LEASE_LOST" }, outcome: { kind: "given-up" } }]);
    stops.splice(0).forEach((stop) => void stop());
  }
});

test("in a FIFO group nothing starts behind a job whose lease was lost", async () => {
  const { handle, records, queue } = trackedQueue(
    {
      default: (_: unknown, { jobId }: JobMetadata) =>
        void records.rows.set(jobId, pendingRow({ status: "running", leaseToken: "other" })),
    },
    { fifo: true },
  );
  expect(await handle({ id: "a", group: "g" }, { id: "b", group: "g" })).toEqual(["a", "b"]);
  expect(queue.visibility).toEqual({ b: 0 });
  expect(records.rows.has("b")).toBe(false);
});

test("in a FIFO group a job is claimed only when its turn has come, and one that runs elsewhere keeps the rest back", async () => {
  const { handler, started, end } = heldHandler();
  const { handle, records, queue, clock } = trackedQueue({ default: handler }, { fifo: true });
  const group = "g";
  const answer = handle({ id: "a", group }, { id: "b", group }, { id: "c", group }, { id: "d", group: "h" });
  await letPromisesRun();
  expect(started).toEqual(["a", "d"]);
  expect([...records.rows.keys()]).toEqual(["a", "d"]);
  records.rows.set(
    "b",
    pendingRow({ status: "running", leaseToken: "other", leaseUntilMs: clock.now() + 30_000 }),
  );
  end("a");
  end("d");
  expect(await answer).toEqual(["b", "c"]);
  expect(queue.visibility).toEqual({ b: 31, c: 0 });
  expect(records.rows.has("c")).toBe(false);
});

test("a FIFO group goes on behind a job that was cancelled", async () => {
  const { handler, started, end } = heldHandler();
  const { handle, records } = trackedQueue({ default: handler }, { fifo: true });
  records.rows.set("a", pendingRow({ status: "cancelled" }));
  const answer = handle({ id: "a", group: "g" }, { id: "b", group: "g" });
  await letPromisesRun();
  end("b");
  expect(await answer).toEqual([]);
  expect(started).toEqual(["b"]);
});
