import { expect, test } from "vitest";
import { delivery, fail, type RunStep, retry } from "./testing/delivery.js";
import { letPromisesRun } from "./testing/fake-clock.js";
import { DONE, type Verdict } from "./verdict.js";

test("a standard delivery runs side by side, and only what failed goes back, after its backoff", async () => {
  let atOnce = 0;
  let most = 0;
  const run: RunStep = async ([job]) => {
    most = Math.max(most, ++atOnce);
    await letPromisesRun();
    atOnce--;
    return [job?.messageId === "b" ? retry() : DONE];
  };
  const { run: deliver, queue } = delivery(
    [{ id: "a" }, { id: "b", receivedCount: 3 }, { id: "c" }],
    {},
    { run },
  );
  expect(await deliver()).toEqual(["b"]);
  expect(most).toBe(3);
  expect(queue.calls).toEqual(["visibility b=30"]);
});

test("a delivery of which everything succeeds asks nothing of SQS", async () => {
  const { run, queue, observer } = delivery([{ id: "a" }, { id: "b" }]);
  expect(await run()).toEqual([]);
  expect(queue.calls).toEqual([]);
  expect(observer.finished).toHaveBeenCalledTimes(2);
});

test("a retry with a delay of its own waits for that", async () => {
  const { run, queue } = delivery([{ id: "a" }], { a: retry(null, 7) });
  expect(await run()).toEqual(["a"]);
  expect(queue.visibility).toEqual({ a: 7 });
});

test("the last attempt that fails is dead-lettered, deleted, and counts as done", async () => {
  const error = new Error("no");
  const { run, queue, observer } = delivery([{ id: "a", receivedCount: 5 }], { a: retry(error) });
  expect(await run()).toEqual([]);
  expect(queue.calls).toEqual(["dead-letter a", "delete a"]);
  expect(queue.deadLetters).toMatchObject([{ error, attempts: 5 }]);
  expect(observer.failed).toHaveBeenCalledWith(expect.anything(), 0, error, {
    kind: "dead-letter",
    reason: "attempt 5 of 5 failed",
  });
});

test("no retries means that the first failure is the last", async () => {
  const { run, queue } = delivery([{ id: "a", maxAttempts: 1 }], { a: retry() });
  expect(await run()).toEqual([]);
  expect(queue.deadLetters).toHaveLength(1);
});

test("a job that cannot succeed is dead-lettered at its first attempt", async () => {
  const { run, queue } = delivery([{ id: "a" }], { a: fail() });
  expect(await run()).toEqual([]);
  expect(queue.deadLetters).toMatchObject([{ attempts: 1 }]);
});

test("when the dead-letter queue does not take it, the job is retried", async () => {
  const { run, queue, observer } = delivery([{ id: "a", receivedCount: 5 }], { a: fail() });
  const refused = new Error("AccessDenied");
  queue.failing.deadLetter = refused;
  expect(await run()).toEqual(["a"]);
  expect(queue.visibility).toEqual({ a: 50 });
  expect(queue.deleted).toEqual([]);
  expect(observer.error).toHaveBeenCalledWith(refused);
  expect(observer.failed).toHaveBeenCalledWith(expect.anything(), 0, expect.anything(), {
    kind: "retry",
    delaySeconds: 50,
  });
});

test("when SQS does not take a visibility, the job still goes back", async () => {
  const { run, queue, observer } = delivery([{ id: "a" }], { a: retry() });
  queue.failing.visibility = new Error("throttled");
  expect(await run()).toEqual(["a"]);
  expect(observer.error).toHaveBeenCalledOnce();
});

test("FIFO: a retry sends back the later jobs of its group, and no other", async () => {
  const { run, ran, queue, observer } = delivery(
    [
      { id: "a1", groupId: "a" },
      { id: "b1", groupId: "b" },
      { id: "a2", groupId: "a" },
      { id: "b2", groupId: "b" },
      { id: "a3", groupId: "a" },
    ],
    { a2: retry() },
    { fifo: true },
  );
  expect(await run()).toEqual(["a2", "a3"]);
  expect(ran.toSorted()).toEqual(["a1", "a2", "b1", "b2"]);
  expect(queue.visibility).toEqual({ a2: 10, a3: 0 });
  expect(queue.calls).toHaveLength(1);
  expect(observer.returned.mock.calls.map(([{ messageId }]) => messageId)).toEqual(["a3"]);
});

test("FIFO: a group goes on when one of its jobs is dead-lettered, and waits when that fails", async () => {
  const jobs = [
    { id: "a1", groupId: "a" },
    { id: "a2", groupId: "a" },
  ];
  const goesOn = delivery(jobs, { a1: fail() }, { fifo: true });
  expect(await goesOn.run()).toEqual([]);
  expect(goesOn.ran).toEqual(["a1", "a2"]);

  const waits = delivery(jobs, { a1: fail() }, { fifo: true });
  waits.queue.failing.deadLetter = new Error("no");
  expect(await waits.run()).toEqual(["a1", "a2"]);
  expect(waits.ran).toEqual(["a1"]);
});

test("jobs that share a call run in one, on a FIFO queue only neighbours of a group", async () => {
  const jobs = [
    { id: "a1", groupId: "a", together: true },
    { id: "b1", groupId: "b", together: true },
    { id: "a2", groupId: "a", together: true },
    { id: "a3", groupId: "a" },
    { id: "a4", groupId: "a", together: true },
  ];
  const standard = delivery(jobs, { b1: retry() });
  expect(await standard.run()).toEqual(["b1"]);
  expect(standard.ran.sort()).toEqual(["a1+b1+a2+a4", "a3"]);

  const fifo = delivery(jobs, { a1: retry() }, { fifo: true });
  expect(await fifo.run()).toEqual(["a1", "a3", "a4"]);
  expect(fifo.ran).toEqual(["a1+a2", "b1"]);
});

test("a job that there is no time to start goes back unrun; the first starts with whatever time there is", async () => {
  const { run, ran, queue, observer, clock, batch } = delivery(
    [
      { id: "a1", groupId: "a" },
      { id: "a2", groupId: "a" },
    ],
    {},
    { fifo: true, timeoutMs: 60_000 },
  );
  batch.deadlineMs = clock.now() + 60_000;
  expect(await run()).toEqual(["a2"]);
  expect(ran).toEqual(["a1"]);
  expect(queue.visibility).toEqual({ a2: 0 });
  expect(observer.returned).toHaveBeenCalledWith(expect.anything(), "there was no time left to start it");

  const late = delivery([{ id: "a" }]);
  late.batch.deadlineMs = late.clock.now();
  expect(await late.run()).toEqual(["a"]);
  expect(late.ran).toEqual([]);
});

test("time is kept back to report", async () => {
  const untilMs: number[] = [];
  const { run, clock, batch } = delivery(
    [{ id: "a" }],
    {},
    {
      timeoutMs: 300_000,
      run: async (step, until) => {
        untilMs.push(until);
        return step.map(() => DONE);
      },
    },
  );
  batch.deadlineMs = clock.now() + 100_000;
  await run();
  expect(untilMs).toEqual([clock.now() + 95_000]);
});

test("a job that was delivered often without an outcome is dead-lettered unrun, in a group only the first", async () => {
  const standard = delivery([
    { id: "a", receivedCount: 11 },
    { id: "b", receivedCount: 10 },
  ]);
  expect(await standard.run()).toEqual([]);
  expect(standard.ran).toEqual(["b"]);
  expect(standard.queue.deadLetters).toMatchObject([{ record: { messageId: "a" } }]);

  const jobs = [
    { id: "a1", groupId: "a", receivedCount: 11 },
    { id: "a2", groupId: "a", receivedCount: 11 },
  ];
  const fifo = delivery(jobs, {}, { fifo: true });
  expect(await fifo.run()).toEqual([]);
  expect(fifo.ran).toEqual(["a2"]);

  const stuck = delivery(
    jobs.map((job) => ({ ...job, together: true })),
    {},
    { fifo: true },
  );
  stuck.queue.failing.deadLetter = new Error("no");
  expect(await stuck.run()).toEqual(["a1", "a2"]);
  expect(stuck.ran).toEqual([]);

  const beside = delivery([
    { id: "a", receivedCount: 11, together: true },
    { id: "b", together: true },
  ]);
  beside.queue.failing.deadLetter = new Error("no");
  expect(await beside.run()).toEqual(["a"]);
  expect(beside.ran).toEqual(["b"]);
});

test("an invocation that lasts over a second holds what is unfinished for as long as it may last and half a minute", async () => {
  const ends = new Map<string, (verdict: Verdict) => void>();
  const { run, queue, clock, batch } = delivery(
    [{ id: "a" }, { id: "b" }, { id: "c" }, { id: "d" }],
    {},
    {
      run: ([job]) =>
        new Promise((resolve) => ends.set(job?.messageId ?? "", (verdict) => resolve([verdict]))),
    },
  );
  batch.deadlineMs = clock.now() + 60_500;
  const answer = run();
  await letPromisesRun();
  ends.get("a")?.(DONE);
  await clock.advance(999);
  expect(queue.calls).toEqual([]);
  await clock.advance(1);
  expect(queue.calls).toEqual(["visibility b=90 c=90 d=90", "delete a"]);
  ends.get("b")?.(DONE);
  await letPromisesRun();
  expect(queue.deleted).toEqual(["a", "b"]);
  ends.get("c")?.(retry());
  await letPromisesRun();
  expect(queue.visibility.c).toBe(10);
  ends.get("d")?.(DONE);
  expect(await answer).toEqual(["c"]);
  expect(queue.deleted).toEqual(["a", "b", "d"]);
});

test("a job that is acked is deleted at once, except on a FIFO queue, where its handler still holds the group", async () => {
  for (const fifo of [false, true]) {
    let end: (verdicts: Verdict[]) => void = () => {};
    const { run, queue } = delivery(
      [{ id: "a", groupId: "g" }],
      {},
      {
        fifo,
        run: ([job], _until, onAcked) => {
          if (job) onAcked(job);
          return new Promise((resolve) => {
            end = resolve;
          });
        },
      },
    );
    const answer = run();
    await letPromisesRun();
    expect(queue.deleted).toEqual(fifo ? [] : ["a"]);
    end([DONE]);
    expect(await answer).toEqual([]);
    expect(queue.deleted).toEqual(fifo ? [] : ["a"]);
  }
});

test("an SQS that never answers does not keep an invocation from reporting", async () => {
  const { run, queue, clock, observer } = delivery(
    [{ id: "a" }, { id: "b" }, { id: "c", receivedCount: 5 }],
    { a: retry(), c: retry() },
  );
  const never = () => new Promise<void>(() => {});
  queue.changeVisibility = never;
  queue.sendDeadLetter = never;
  const answer = run();
  await clock.advance(310_000);
  expect(await answer).toEqual(["a", "c"]);
  expect(observer.error).toHaveBeenCalledWith(expect.objectContaining({ code: "QR_SQS_TOO_SLOW" }));
});
