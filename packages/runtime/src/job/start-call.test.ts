import { inspect } from "node:util";
import { expect, test } from "vitest";
import { fatal, retryAfter } from "../errors/job-errors.js";
import type { JobMetadata } from "./job-metadata.js";
import { letPromisesRun } from "./testing/fake-clock.js";
import { call, type Invoke, never } from "./testing/running-call.js";
import type { Verdict } from "./verdict.js";

const errorOf = (verdict: Verdict | undefined) => (verdict && "error" in verdict ? verdict.error : undefined);

test("returning is done, throwing is a retry with what was thrown", async () => {
  expect(await call(() => undefined).verdicts).toEqual([{ kind: "done" }]);
  expect(await call(async () => ({ sent: 3 })).verdicts).toEqual([{ kind: "done", value: { sent: 3 } }]);
  const error = new Error("no");
  const thrower = () => {
    throw error;
  };
  expect(await call(thrower).verdicts).toEqual([{ kind: "retry", error, delaySeconds: null }]);
  const rejecter = () => Promise.reject("just text");
  expect(await call(rejecter).verdicts).toEqual([{ kind: "retry", error: "just text", delaySeconds: null }]);
});

test("retryAfter and fatal say what is to become of the job, from anywhere", async () => {
  const later = () => Promise.reject(retryAfter("1.5s"));
  expect(await call(later).verdicts).toMatchObject([{ kind: "retry", delaySeconds: 2 }]);
  const hopeless = () => Promise.reject(fatal("no such account"));
  expect(await call(hopeless).verdicts).toMatchObject([
    { kind: "fail", error: { message: "no such account" } },
  ]);
});

test("the first outcome wins, whatever follows", async () => {
  const outcomes: [Invoke, Partial<Verdict>][] = [
    [([job]) => [job?.ack(), job?.retry(), job?.fail("no")], { kind: "done" }],
    [([job]) => [job?.retry({ delay: "5m" }), job?.ack()], { kind: "retry", delaySeconds: 300 }],
    [
      ([job]) => [job?.fail("bad address"), job?.ack()],
      { kind: "fail", error: expect.objectContaining({ message: "bad address" }) },
    ],
    [([job]) => job?.retry(), { kind: "retry", delaySeconds: null }],
  ];
  for (const [invoke, verdict] of outcomes) expect(await call(invoke).verdicts).toMatchObject([verdict]);
});

test("ack() makes a job done even when its handler throws, and the error is told", async () => {
  const error = new Error("afterwards");
  const { verdicts, onAcked, lateErrors } = call(([job]) => {
    job?.ack();
    throw error;
  });
  expect(await verdicts).toMatchObject([{ kind: "done" }]);
  expect(onAcked).toHaveBeenCalledOnce();
  expect(lateErrors).toEqual([error]);
});

test("an error given to fail() is the job's error; a delay that is none fails the handler", async () => {
  const error = new TypeError("bad");
  expect(errorOf((await call(([job]) => job?.fail(error)).verdicts)[0])).toBe(error);
  const [verdict] = await call(([job]) => job?.retry({ delay: "12h" })).verdicts;
  expect(verdict).toMatchObject({ kind: "retry", error: { code: "QR_RETRY_DELAY" } });
});

test("a job whose time is up has failed, even if its handler never returns; its signal tells it", async () => {
  let signal: AbortSignal | undefined;
  const { verdicts, clock } = call(([job]) => {
    signal = job?.signal;
    return never();
  });
  await clock.advance(59_999);
  expect(signal?.aborted).toBe(false);
  await clock.advance(1);
  expect(signal?.aborted).toBe(true);
  expect(await verdicts).toMatchObject([
    {
      kind: "retry",
      delaySeconds: null,
      error: { code: "QR_JOB_TIMEOUT", message: expect.stringContaining("60 s") },
    },
  ]);
});

test("a handler that held the event loop beyond its time has failed as well", async () => {
  const { verdicts, clock } = call(async () => {
    await letPromisesRun();
    clock.jump(60_000);
  });
  expect(await verdicts).toMatchObject([{ kind: "retry", error: { code: "QR_JOB_TIMEOUT" } }]);
});

test("the signal aborts when the handler has ended, so that what it left running stops", async () => {
  let signal: AbortSignal | undefined;
  await call(([job]) => {
    signal = job?.signal;
  }).verdicts;
  expect(signal?.aborted).toBe(true);

  let job: JobMetadata | undefined;
  await call(([first]) => {
    job = first;
  }).verdicts;
  expect(job?.signal.aborted).toBe(true);
});

test("after an outcome was recorded, running out of time does not change it", async () => {
  const acked = call(([job]) => {
    job?.ack();
    return never();
  });
  await acked.clock.advance(60_000);
  expect(await acked.verdicts).toMatchObject([{ kind: "done" }]);
  const failed = call(([job]) => {
    job?.fail("no");
    return never();
  });
  await failed.clock.advance(60_000);
  expect(await failed.verdicts).toMatchObject([{ kind: "fail" }]);
});

test("of several jobs, those without an outcome share how the call ended", async () => {
  const decide: Invoke = ([first, second]) => {
    first?.ack();
    second?.retry({ delay: 3 });
  };
  expect(await call(decide, 3).verdicts).toMatchObject([
    { kind: "done" },
    { kind: "retry", delaySeconds: 3 },
    { kind: "done" },
  ]);
  const error = new Error("no");
  const thrower = call((jobs, getSignal) => {
    decide(jobs, getSignal);
    throw error;
  }, 3);
  expect(await thrower.verdicts).toMatchObject([
    { kind: "done" },
    { kind: "retry", delaySeconds: 3 },
    { kind: "retry", error, delaySeconds: null },
  ]);
  expect(thrower.lateErrors).toEqual([]);
});

test("metadata can be taken apart, copied, listed and printed like any object", async () => {
  let job: JobMetadata | undefined;
  await call(([first]) => {
    job = first;
    expect(inspect(first)).toContain("jobId: 'm0'");
    const { ack, jobId } = first as JobMetadata;
    expect(jobId).toBe("m0");
    ack();
  }).verdicts;
  expect({ ...job }).toMatchObject({ jobId: "m0", queueName: "test", attempt: 1 });
  expect(JSON.parse(JSON.stringify(job))).toMatchObject({ jobId: "m0", groupId: null });
  expect(job && "tag" in job).toBe(true);
  expect(Object.keys(job ?? {})).toEqual(
    expect.arrayContaining(["jobId", "params", "signal", "ack", "retry", "fail", "progress"]),
  );
});

test("an outcome that comes when the time is over counts for nothing", async () => {
  let late: (() => void) | null = null;
  const { verdicts, clock, onAcked } = call(([job]) => {
    late = () => job?.ack();
    return never();
  });
  await clock.advance(60_000);
  expect(await verdicts).toMatchObject([{ kind: "retry", error: { code: "QR_JOB_TIMEOUT" } }]);
  (late as unknown as () => void)();
  expect(onAcked).not.toHaveBeenCalled();
});
