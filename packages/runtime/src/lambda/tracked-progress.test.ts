import { expect, test } from "vitest";
import type { JobMetadata } from "../job/job-metadata.js";
import { letPromisesRun } from "../job/testing/fake-clock.js";
import { pendingRow } from "../job/testing/fake-records.js";
import { trackedQueue } from "../job/testing/tracked-queue.js";

type Handler = (metadata: JobMetadata) => unknown;
const handling = (handler: Handler) => ({
  default: (_: unknown, metadata: JobMetadata) => handler(metadata),
});

test("progress is recorded while the job runs, and when it was awaited it is there", async () => {
  const seen: unknown[] = [];
  const { handle, records } = trackedQueue(
    handling(async ({ progress }) => {
      await progress(10);
      seen.push(records.rows.get("a")?.progress);
      await progress({ step: "two" });
      seen.push(records.rows.get("a")?.progress);
    }),
  );
  expect(await handle({ id: "a" })).toEqual([]);
  expect(seen).toEqual([10, { step: "two" }]);
});

test("progress that nobody awaited is recorded before the outcome counts", async () => {
  const { handle, calls } = trackedQueue(handling(({ progress }) => void progress(50)));
  expect(await handle({ id: "a" })).toEqual([]);
  expect(calls).toEqual(["claim a", "progress a", "complete a"]);
});

test("many in a row are a few writes, in order, and the last one wins", async () => {
  const { handle, records, calls } = trackedQueue(
    handling(async ({ progress }) => {
      for (let n = 0; n < 1_000; n++) void progress(n);
      await letPromisesRun();
      const value = { n: 1 };
      const recorded = progress(value);
      value.n = 2;
      await recorded;
    }),
  );
  expect(await handle({ id: "a" })).toEqual([]);
  expect(calls.filter((call) => call === "progress a")).toHaveLength(2);
  expect(records.rows.get("a")?.progress).toEqual({ n: 1 });
});

test("while a write is under way, only the latest of what is said waits", async () => {
  const written: unknown[] = [];
  let answer = () => {};
  const { handle, records } = trackedQueue(
    handling(async ({ progress }) => {
      const first = progress("first");
      await letPromisesRun();
      const others = ["second", "third"].map((value) => progress(value));
      answer();
      await Promise.all([first, ...others]);
    }),
  );
  const write = records.progress;
  records.progress = async (job, value) => {
    written.push(value);
    if (value === "first") await new Promise<void>((resolve) => (answer = resolve));
    return write(job, value);
  };
  expect(await handle({ id: "a" })).toEqual([]);
  expect(written).toEqual(["first", "third"]);
});

test("a progress that fails, fails its handler as a push does, unless that has looked at it", async () => {
  const error = new Error("table is down");
  for (const awaits of [false, true]) {
    const { handle, records } = trackedQueue(
      handling(async ({ progress }) => {
        const recorded = progress(1);
        if (awaits) await recorded.catch(() => {});
      }),
    );
    records.failing.progress = { error, written: false };
    expect(await handle({ id: "a" })).toEqual(awaits ? [] : ["a"]);
    expect(records.rows.get("a")).toMatchObject(
      awaits ? { status: "completed" } : { status: "pending", error: { message: "table is down" } },
    );
  }
});

test("a failure does not keep later progress from being recorded", async () => {
  const { handle, records } = trackedQueue(
    handling(async ({ progress }) => {
      records.failing.progress = { error: new Error("reset"), written: false };
      await progress(1).catch(() => {});
      records.failing.progress = undefined;
      await progress(2);
    }),
  );
  expect(await handle({ id: "a" })).toEqual([]);
  expect(records.rows.get("a")).toMatchObject({ status: "completed", progress: 2 });
});

test("what JSON cannot carry, and what is too large, is refused", async () => {
  const codes: unknown[] = [];
  const circular: Record<string, unknown> = {};
  circular.self = circular;
  const { handle, calls } = trackedQueue(
    handling(async ({ progress }) => {
      for (const value of [circular, 1n, "x".repeat(16 * 1_024)])
        await progress(value).catch(({ code }) => codes.push(code));
    }),
  );
  expect(await handle({ id: "a" })).toEqual([]);
  expect(codes).toEqual(Array(3).fill("QR_INVALID_PROGRESS"));
  expect(calls).not.toContain("progress a");
});

test("progress of a job that is somebody else's by now says so; after the handler's end it is refused", async () => {
  const codes: unknown[] = [];
  let late: () => Promise<void> = async () => {};
  const { handle, records } = trackedQueue(
    handling(async ({ progress }) => {
      records.rows.set("a", pendingRow({ status: "running", leaseToken: "other" }));
      await progress(1).catch(({ code }) => codes.push(code));
      late = () => progress(2);
    }),
  );
  expect(await handle({ id: "a" })).toEqual(["a"]);
  await late().catch(({ code }) => codes.push(code));
  expect(codes).toEqual(["QR_LEASE_LOST", "QR_HANDLER_ENDED"]);
  expect(records.rows.get("a")?.progress).toBeUndefined();
});

test("progress does not count towards limits.pushes", async () => {
  const { handle } = trackedQueue(
    handling(async ({ progress }) => {
      for (let n = 0; n < 5; n++) await progress(n);
    }),
    { settings: { limits: { payloadBytes: null, pending: null, pushes: 1, hops: 100 } } },
  );
  expect(await handle({ id: "a" })).toEqual([]);
});
