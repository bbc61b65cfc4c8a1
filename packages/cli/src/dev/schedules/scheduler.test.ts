import { defaultScheduleSettings, type ScheduleSettings } from "@queue-run/runtime/config";
import { beforeEach, describe, expect, test } from "vitest";
import { createTestClock, type TestClock } from "../../clock/test-clock.js";
import type { ScheduleDefinition } from "../../project/manifest.js";
import { parseSchedule } from "../../schedules/schedule-expression.js";
import type { Outcome } from "../runner/outcome.js";
import type { InvocationPayload } from "../worker/protocol.js";
import { createScheduler, type RunFailure, type Scheduler } from "./scheduler.js";

const START = "2026-11-22T10:30:30.000Z";
const MINUTE_MS = 60_000;
const DONE: Outcome = { kind: "returned", value: { error: null } };
const ERROR = { name: "Error", message: "no", stack: null, code: null, fix: null, cause: null };
const THREW: Outcome = { kind: "returned", value: { error: ERROR } };

let clock: TestClock;
let scheduler: Scheduler;
/** "name time attempt" of each invocation. */
let invoked: string[];
let jobIds: string[];
let failures: RunFailure[];
let skipped: string[];
/** How invocations end; null: when the test says. */
let outcome: Outcome | null;
let end: ((outcome: Outcome) => void)[];

beforeEach(() => {
  clock = createTestClock(Date.parse(START));
  invoked = [];
  jobIds = [];
  failures = [];
  skipped = [];
  outcome = DONE;
  end = [];
  scheduler = createScheduler({
    acquire: async (name) => ({
      run(payload: InvocationPayload) {
        if (payload.kind !== "schedule") throw new Error("not a schedule's event");
        const { scheduledAt, attempt, executionId } = payload.input;
        invoked.push(`${name} ${scheduledAt.slice(0, 16)} ${attempt}`);
        jobIds.push(executionId);
        const ended = outcome
          ? Promise.resolve(outcome)
          : new Promise<Outcome>((resolve) => end.push(resolve));
        return { outcome: ended, hangUp: () => {} };
      },
      release: () => {},
    }),
    clock,
    reports: {
      event: (event) => {
        if (event.kind === "jobSkipped") skipped.push(event.source.handler);
      },
      runFailed: (failure) => failures.push(failure),
    },
  });
});

function schedule(name: string, text: string, settings: Partial<ScheduleSettings> = {}): ScheduleDefinition {
  const expression = parseSchedule(text);
  if ("message" in expression) throw new Error(expression.message);
  return {
    name,
    file: `schedules/${name}.ts`,
    expression,
    settings: { ...defaultScheduleSettings(), ...settings },
  };
}

/** Moves time on, letting promises run at each minute. */
async function advance(minutes: number): Promise<void> {
  for (let minute = 0; minute < minutes; minute++) {
    clock.advance(MINUTE_MS);
    await promises();
  }
}

const promises = () => new Promise<void>((resolve) => setImmediate(resolve));

test("runs when it is due, and not before", async () => {
  scheduler.update([schedule("often", "every 15 minutes"), schedule("daily", "daily at 11:00")]);
  expect(new Date(scheduler.nextRunMs("often") ?? 0).toISOString()).toBe("2026-11-22T10:45:00.000Z");
  await advance(14);
  expect(invoked).toEqual([]);
  await advance(1);
  expect(invoked).toEqual(["often 2026-11-22T10:45 1"]);
  await advance(15);
  expect(invoked.toSorted()).toEqual([
    "daily 2026-11-22T11:00 1",
    "often 2026-11-22T10:45 1",
    "often 2026-11-22T11:00 1",
  ]);
  expect(new Set(jobIds).size).toBe(3);
  expect(new Date(scheduler.nextRunMs("daily") ?? 0).toISOString()).toBe("2026-11-23T11:00:00.000Z");
});

test("in its own time zone", async () => {
  scheduler.update([schedule("daily", "daily at 11:45", { timezone: "Europe/Berlin" })]);
  await advance(15);
  expect(invoked).toEqual(["daily 2026-11-22T10:45 1"]);
});

test("intervals are counted from when the schedule was made", async () => {
  scheduler.update([schedule("odd", "every 7 minutes")]);
  await advance(15);
  expect(invoked).toEqual(["odd 2026-11-22T10:37 1", "odd 2026-11-22T10:44 1"]);
});

test("what passes while the machine sleeps is made up for once", async () => {
  scheduler.update([schedule("often", "every minute")]);
  clock.jumpTo(Date.parse(START) + 60 * MINUTE_MS);
  await promises();
  expect(invoked).toEqual(["often 2026-11-22T10:31 1"]);
  await advance(1);
  expect(invoked.slice(1)).toEqual(["often 2026-11-22T11:31 1"]);
});

test("a clock that is set back a little makes nothing due twice", async () => {
  scheduler.update([schedule("often", "every minute")]);
  await advance(1);
  clock.jumpTo(clock.now() - 45_000);
  scheduler.update([schedule("often", "* * * * *")]);
  clock.advance(40_000);
  await promises();
  expect(invoked).toEqual(["often 2026-11-22T10:31 1"]);
});

describe("what is saved", () => {
  test("new times count from now, what is the same waits on, what is gone does not run", async () => {
    const odd = schedule("odd", "every 7 minutes");
    scheduler.update([odd, schedule("often", "every 2 minutes")]);
    await advance(3);
    scheduler.update([odd, schedule("often", "every 5 minutes")]);
    invoked = [];
    await advance(4);
    expect(invoked).toEqual(["often 2026-11-22T10:35 1", "odd 2026-11-22T10:37 1"]);
    scheduler.update([]);
    await advance(30);
    expect(invoked).toHaveLength(2);
    expect(scheduler.nextRunMs("odd")).toBeNull();
  });

  test("never runs only when it is asked to", async () => {
    scheduler.update([schedule("job", "never")]);
    await advance(60);
    expect(invoked).toEqual([]);
    expect(await scheduler.runNow("job")).toMatchObject({ kind: "done", jobId: jobIds[0] });
    expect(invoked).toEqual(["job 2026-11-22T11:30 1"]);
    expect(scheduler.runNow("other")).toBeNull();
  });
});

describe("runs that fall due while another goes on", () => {
  test("are skipped, and told of", async () => {
    outcome = null;
    scheduler.update([schedule("slow", "every minute")]);
    await advance(3);
    expect(invoked).toHaveLength(1);
    expect(skipped).toEqual(["slow", "slow"]);
    expect(await scheduler.runNow("slow")).toEqual({ kind: "skipped" });
    end[0]?.(DONE);
    await promises();
    await advance(1);
    expect(invoked).toHaveLength(2);
  });

  test("run beside it where that is allowed", async () => {
    outcome = null;
    scheduler.update([schedule("slow", "every minute", { overlap: "allow" })]);
    await advance(3);
    expect(invoked).toHaveLength(3);
    expect(skipped).toEqual([]);
  });
});

describe("a run that failed", () => {
  test("is not run again by itself", async () => {
    outcome = THREW;
    scheduler.update([schedule("daily", "daily at 10:31")]);
    await advance(10);
    expect(invoked).toEqual(["daily 2026-11-22T10:31 1"]);
    expect(failures).toEqual([]);
  });

  test("is run again as often as retries says, when Lambda would", async () => {
    outcome = THREW;
    scheduler.update([schedule("daily", "daily at 10:31", { retries: 2 })]);
    await advance(1);
    expect(invoked).toHaveLength(1);
    await advance(1);
    expect(invoked).toHaveLength(2);
    await advance(1);
    expect(invoked).toHaveLength(2);
    await advance(10);
    expect(invoked).toEqual([1, 2, 3].map((attempt) => `daily 2026-11-22T10:31 ${attempt}`));
    expect(new Set(jobIds).size).toBe(1);
  });

  test("is told of when its function could not", async () => {
    outcome = { kind: "died", cause: { kind: "exit", exitCode: 1 } };
    scheduler.update([schedule("daily", "daily at 10:31", { retries: 1 })]);
    await advance(5);
    expect(failures.map(({ scheduleName, againInSeconds }) => [scheduleName, againInSeconds])).toEqual([
      ["daily", 60],
      ["daily", null],
    ]);
    outcome = { kind: "failed", error: ERROR, told: true };
    expect(await scheduler.runNow("daily")).toMatchObject({ kind: "failed", error: ERROR });
    expect(failures).toHaveLength(2);
  });
});

test("stopping waits for what runs, and starts nothing more", async () => {
  outcome = null;
  scheduler.update([schedule("slow", "every minute", { retries: 1 })]);
  await advance(1);
  let isStopped = false;
  const stopped = scheduler.stop().then(() => {
    isStopped = true;
  });
  await promises();
  expect(isStopped).toBe(false);
  end[0]?.(THREW);
  await stopped;
  await advance(10);
  expect(invoked).toHaveLength(1);
});
