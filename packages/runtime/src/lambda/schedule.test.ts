import { afterEach, expect, test } from "vitest";
import { configureInstance } from "../config/instance.js";
import { defaultScheduleSettings, type ScheduleSettings } from "../config/schedule-config.js";
import { currentScope } from "../context/invocation-scope.js";
import { createFakeClock, letPromisesRun } from "../job/testing/fake-clock.js";
import { type LifecycleEvents, onLifecycle } from "../log/lifecycle-events.js";
import { queues } from "../queue/queues.js";
import { configureQueues, type RecordingSqs, startRecordingSqs } from "../queue/testing/recording-sqs.js";
import type { ScheduleEvent, ScheduleHandler } from "../schedule/schedule-event.js";
import { scheduleInput } from "../schedule/schedule-input.js";
import type { ScheduleLease } from "../schedule/schedule-lease.js";
import type { ScheduleFunction } from "./functions.js";
import { createScheduleHandler } from "./schedule.js";

const stops: (() => unknown)[] = [];
afterEach(async () => {
  configureInstance(null);
  for (const stop of stops.splice(0)) await stop();
});

type Options = {
  settings?: Partial<ScheduleSettings>;
  fn?: Partial<ScheduleFunction>;
  lease?: ScheduleLease;
};

/** A schedule's function, with what it told. */
function scheduleOf(handler: ScheduleHandler, { settings = {}, fn = {}, lease }: Options = {}) {
  const clock = createFakeClock(Date.UTC(2026, 10, 23, 9, 0, 12));
  const told: string[] = [];
  const failures: LifecycleEvents["jobFailed"][] = [];
  for (const kind of ["jobStarted", "jobFinished", "jobFailed", "jobSkipped"] as const)
    stops.push(onLifecycle(kind, ({ jobId, attempt }) => told.push(`${kind} ${jobId} ${attempt}`)));
  stops.push(onLifecycle("jobFailed", (event) => failures.push(event)));
  const handle = createScheduleHandler(
    {
      name: "daily",
      cron: "0 9 * * *",
      settings: { ...defaultScheduleSettings(), ...settings },
      load: async () => ({ default: handler }),
      ...fn,
    },
    { clock, ...(lease && { lease }) },
  );
  const invoke = (event: unknown = DUE, { requestId = "request-1", remainingMs = 310_000 } = {}) =>
    handle(event, { awsRequestId: requestId, getRemainingTimeInMillis: () => remainingMs });
  return { invoke, clock, told, failures };
}

/** What EventBridge Scheduler makes of `scheduleInput("daily")`. */
const DUE = { schedule: "daily", scheduledAt: "2026-11-23T09:00:00Z", executionId: "d32c5kddcf5bb8c3" };

async function startSqs(): Promise<RecordingSqs> {
  const sqs = await startRecordingSqs();
  stops.push(sqs.stop);
  configureQueues(sqs.endpoint, { emails: {} }, { readableLogs: true });
  return sqs;
}

test("the handler gets what was due, and returning is done", async () => {
  const events: ScheduleEvent[] = [];
  const { invoke, told } = scheduleOf((event) => void events.push(event));
  await invoke();
  expect(events).toEqual([
    {
      name: "daily",
      jobId: "d32c5kddcf5bb8c3",
      cron: "0 9 * * *",
      signal: expect.any(AbortSignal),
      scheduledAt: new Date("2026-11-23T09:00:00Z"),
    },
  ]);
  expect(told).toEqual(["jobStarted d32c5kddcf5bb8c3 1", "jobFinished d32c5kddcf5bb8c3 1"]);
});

test.each([
  ["with placeholders that nobody filled in", JSON.parse(scheduleInput("daily"))],
  ["with nothing", null],
  ["with a text", "now"],
])("invoked %s, it is this invocation, now", async (_, event) => {
  const events: ScheduleEvent[] = [];
  await scheduleOf((given) => void events.push(given)).invoke(event);
  expect(events).toMatchObject([{ jobId: "request-1", scheduledAt: new Date("2026-11-23T09:00:12Z") }]);
});

test("days of another expression are left to it, by the time zone's clocks", async () => {
  const ran: string[] = [];
  const { invoke } = scheduleOf(({ scheduledAt }) => void ran.push(scheduledAt.toISOString()));
  const except = { daysOfMonth: [13], timezone: "America/New_York" };
  for (const scheduledAt of ["2026-11-13T04:00:00Z", "2026-11-13T05:00:00Z", "2026-11-14T04:59:00Z"])
    await invoke({ ...DUE, scheduledAt, except });
  expect(ran).toEqual(["2026-11-13T04:00:00.000Z"]);
});

test("what the handler threw reaches Lambda as it is", async () => {
  const error = new TypeError("no");
  const { invoke, told, failures } = scheduleOf(() => {
    throw error;
  });
  await expect(invoke()).rejects.toBe(error);
  expect(told).toEqual(["jobStarted d32c5kddcf5bb8c3 1", "jobFailed d32c5kddcf5bb8c3 1"]);
  expect(failures).toMatchObject([
    { queueName: null, scheduleName: "daily", error, outcome: { kind: "given-up" } },
  ]);
});

test("an attempt is known by its request, or by what development says", async () => {
  const { invoke, failures } = scheduleOf(
    async () => {
      throw new Error("no");
    },
    { settings: { retries: 2 } },
  );
  for (const requestId of ["a", "a", "a", "b"]) await invoke(DUE, { requestId }).catch(() => {});
  await invoke({ ...DUE, attempt: 2 }, { requestId: "c" }).catch(() => {});
  expect(failures.map(({ attempt, maxAttempts, outcome }) => [attempt, maxAttempts, outcome])).toEqual([
    [1, 3, { kind: "retry", delaySeconds: 60 }],
    [2, 3, { kind: "retry", delaySeconds: 120 }],
    [3, 3, { kind: "given-up", reason: "attempt 3 of 3 failed" }],
    [1, 3, { kind: "retry", delaySeconds: 60 }],
    [2, 3, { kind: "retry", delaySeconds: 120 }],
  ]);
});

test("pushes are sent before the run counts as done, awaited or not", async () => {
  const sqs = await startSqs();
  const { invoke } = scheduleOf(() => {
    void queues.get("emails").push("one");
  });
  await invoke();
  expect(sqs.messages()).toMatchObject([{ MessageBody: "one" }]);
});

test("a push that fails and that nobody awaits, fails the run; one after the end is refused", async () => {
  await startSqs();
  let late: Promise<unknown> = Promise.resolve();
  const { invoke, failures } = scheduleOf(({ signal }) => {
    void queues.get("nothing").push(1);
    late = new Promise((resolve) => signal.addEventListener("abort", resolve)).then(() =>
      queues.get("emails").push("late"),
    );
    late.catch(() => {});
  });
  await expect(invoke()).rejects.toMatchObject({ code: "QR_QUEUE_NOT_FOUND" });
  expect(failures).toMatchObject([{ error: { code: "QR_QUEUE_NOT_FOUND" } }]);
  await expect(late).rejects.toMatchObject({ code: "QR_HANDLER_ENDED" });
});

test("a run past its time has failed, even if its handler never returns", async () => {
  let signal: AbortSignal | null = null;
  const { invoke, clock, failures } = scheduleOf(
    (event) => {
      signal = event.signal;
      return new Promise(() => {});
    },
    { settings: { timeoutSeconds: 5 } },
  );
  const answer = invoke().catch((error: unknown) => error);
  await letPromisesRun();
  expect(signal).toMatchObject({ aborted: false });
  await clock.advance(5_000);
  expect(await answer).toMatchObject({ code: "QR_SCHEDULE_TIMEOUT" });
  expect(signal).toMatchObject({ aborted: true });
  expect(failures).toMatchObject([{ durationMs: 5_000, error: { code: "QR_SCHEDULE_TIMEOUT" } }]);
});

test("a handler that blocks the event loop past its time has failed", async () => {
  const { invoke, clock } = scheduleOf(() => clock.jump(6_000), { settings: { timeoutSeconds: 5 } });
  await expect(invoke()).rejects.toMatchObject({ code: "QR_SCHEDULE_TIMEOUT" });
});

test("under a debugger, whose invocations last for ever, no time is kept", async () => {
  let end = () => {};
  const { invoke, clock, told } = scheduleOf(() => new Promise<void>((resolve) => (end = resolve)));
  const answer = invoke(DUE, { remainingMs: 2_147_483_647 });
  await clock.advance(3_600_000);
  end();
  await answer;
  expect(told.at(-1)).toBe("jobFinished d32c5kddcf5bb8c3 1");
});

test("what runs belongs to the schedule", async () => {
  let scope: ReturnType<typeof currentScope> = null;
  await scheduleOf(() => {
    scope = currentScope();
  }).invoke();
  expect(scope).toMatchObject({
    kind: "schedule",
    handler: "daily",
    requestId: "request-1",
    user: null,
    hops: 0,
    job: { queueName: null, jobId: "d32c5kddcf5bb8c3", job: "default", attempt: 1 },
    trace: { traceId: expect.stringMatching(/^[0-9a-f]{32}$/) },
  });
});

test("index.ts is loaded first, and code that cannot be loaded fails the run", async () => {
  const order: string[] = [];
  const { invoke } = scheduleOf(() => {}, {
    fn: {
      loadIndex: async () => ({ warmup: () => void order.push("warmup") }),
      load: async () => {
        order.push("load");
        return order.length > 3 ? { default: () => void order.push("run") } : { default: "no function" };
      },
    },
  });
  await expect(invoke()).rejects.toMatchObject({ code: "QR_NOT_A_HANDLER" });
  await invoke();
  expect(order).toEqual(["warmup", "load", "warmup", "load", "run"]);
});

test("where runs must not overlap, one without the lease is skipped, and the lease is given back", async () => {
  const asked: string[] = [];
  let isFree = false;
  const lease: ScheduleLease = {
    take: async (holder, untilMs) => {
      asked.push(`take ${holder} until ${new Date(untilMs).toISOString()}`);
      return isFree;
    },
    giveBack: async (holder) => void asked.push(`give back ${holder}`),
  };
  const { invoke, told } = scheduleOf(
    () => {
      throw new Error("no");
    },
    { lease },
  );
  await invoke();
  expect(told).toEqual(["jobSkipped d32c5kddcf5bb8c3 1"]);
  isFree = true;
  await expect(invoke()).rejects.toThrow("no");
  const taken = "take d32c5kddcf5bb8c3 until 2026-11-23T09:05:22.000Z";
  expect(asked).toEqual([taken, taken, "give back d32c5kddcf5bb8c3"]);
});

test("where runs may overlap, no lease is asked for", async () => {
  const never = () => Promise.reject(new Error("asked"));
  const { invoke, told } = scheduleOf(() => {}, {
    settings: { overlap: "allow" },
    lease: { take: never, giveBack: never },
  });
  await invoke();
  expect(told).toHaveLength(2);
});
