import { randomUUID } from "node:crypto";
import type { Clock } from "../../clock/clock.js";
import type { ScheduleDefinition } from "../../project/manifest.js";
import { nextRuns } from "../../schedules/next-runs.js";
import type { Outcome } from "../runner/outcome.js";
import type { Slot } from "../runner/slot.js";
import type { PortableError, ScheduleAnswer, WorkerEvent } from "../worker/protocol.js";

/** Lambda's wait before the second attempt; twice that before the third. Lambda Developer Guide, "Asynchronous invocation". */
const RETRY_WAIT_MS = 60_000;
/** A clock that is set back by less does not make the same run due again. */
const SET_BACK_MS = 60_000;

/** How a run ended. */
type RunResult =
  | { kind: "done"; jobId: string; durationMs: number }
  | { kind: "failed"; jobId: string; error: PortableError | null; outcome: Outcome }
  /** The run before it goes on, or there is no function for it any more. */
  | { kind: "skipped" };

export type SchedulerPorts = {
  /** An instance of a schedule's function; null when there will be none. */
  acquire: (schedule: string, signal: AbortSignal) => Promise<Slot | null>;
  clock: Clock;
  reports: {
    event: (event: WorkerEvent) => void;
    /** A run ended without the runtime having told of it. */
    runFailed: (failure: RunFailure) => void;
  };
};

export type RunFailure = {
  scheduleName: string;
  jobId: string;
  outcome: Outcome;
  /** Null: there is no other attempt. */
  againInSeconds: number | null;
};

/** What stands for EventBridge Scheduler, and for Lambda's retries of what it invokes. */
export type Scheduler = {
  /** Runs these from now on. Runs under way go on, and so do the waits of what did not change. */
  update(schedules: readonly ScheduleDefinition[]): void;
  /** Milliseconds since 1970; null when it never runs by itself. */
  nextRunMs(name: string): number | null;
  /** Runs one now; resolves when it has ended. No schedule of that name: null. */
  runNow(name: string): Promise<RunResult> | null;
  /** Starts no more runs; resolves when those under way have ended. */
  stop(): Promise<void>;
};

type Entry = {
  definition: ScheduleDefinition;
  /** What intervals are counted from. */
  startedAtMs: number;
  lastDueMs: number;
  nextMs: number | null;
  cancelNext: () => void;
  cancelRetries: Set<() => void>;
  running: number;
};

type Run = { jobId: string; requestId: string; scheduledAt: Date; attempt: number };

/** Nothing runs before `update`. A time that passes while the machine sleeps is made up for once, when it wakes up. */
export function createScheduler({ acquire, clock, reports }: SchedulerPorts): Scheduler {
  const entries = new Map<string, Entry>();
  const active = new Set<Promise<RunResult>>();
  const stopping = new AbortController();

  function add(definition: ScheduleDefinition): Entry {
    const entry: Entry = {
      definition,
      startedAtMs: clock.now(),
      lastDueMs: 0,
      nextMs: null,
      cancelNext: () => {},
      cancelRetries: new Set(),
      running: 0,
    };
    entries.set(definition.name, entry);
    return entry;
  }

  function waitForNext(entry: Entry): void {
    const { definition, startedAtMs, lastDueMs } = entry;
    const now = clock.now();
    const afterMs = lastDueMs > now && lastDueMs - now < SET_BACK_MS ? lastDueMs : now;
    const [nextMs = null] = nextRuns(definition.expression, definition.settings.timezone, {
      afterMs,
      count: 1,
      startedAtMs,
    });
    entry.cancelNext();
    entry.nextMs = nextMs;
    if (nextMs === null) return;
    entry.cancelNext = clock.at(nextMs, () => {
      entry.lastDueMs = nextMs;
      void start(entry, newRun(new Date(nextMs)));
      waitForNext(entry);
    });
  }

  function start(entry: Entry, run: Run): Promise<RunResult> {
    const result = runOnce(entry, run).finally(() => active.delete(result));
    active.add(result);
    return result;
  }

  async function runOnce(entry: Entry, run: Run): Promise<RunResult> {
    const { name, settings } = entry.definition;
    if (settings.overlap === "skip" && entry.running > 0) {
      reports.event(skippedEvent(entry.definition, run));
      return { kind: "skipped" };
    }
    entry.running++;
    try {
      const slot = await acquire(name, stopping.signal);
      if (!slot) return { kind: "skipped" };
      const startedAtMs = clock.now();
      const { jobId, requestId, scheduledAt, attempt } = run;
      const input = {
        schedule: name,
        scheduledAt: scheduledAt.toISOString(),
        executionId: jobId,
        attempt,
      };
      const outcome = await slot.run({ kind: "schedule", requestId, input }, null).outcome;
      const error = errorOf(outcome);
      if (outcome.kind === "returned" && !error)
        return { kind: "done", jobId, durationMs: clock.now() - startedAtMs };
      const again = retryLater(entry, run, outcome);
      const isTold = outcome.kind === "returned" || (outcome.kind === "failed" && outcome.told);
      const isStopped = outcome.kind === "died" && outcome.cause.kind === "stopped";
      if (!isTold && !isStopped)
        reports.runFailed({ scheduleName: name, jobId, outcome, againInSeconds: again && again / 1_000 });
      return { kind: "failed", jobId, error, outcome };
    } finally {
      entry.running--;
    }
  }

  /** @returns in how many milliseconds; null when the attempts are used up */
  function retryLater(entry: Entry, run: Run, outcome: Outcome): number | null {
    const isStopped = outcome.kind === "died" && outcome.cause.kind === "stopped";
    if (run.attempt > entry.definition.settings.retries || isStopped || stopping.signal.aborted) return null;
    if (entries.get(entry.definition.name) !== entry) return null;
    const waitMs = RETRY_WAIT_MS * run.attempt;
    const cancel = clock.at(clock.now() + waitMs, () => {
      entry.cancelRetries.delete(cancel);
      void start(entry, { ...run, attempt: run.attempt + 1 });
    });
    entry.cancelRetries.add(cancel);
    return waitMs;
  }

  function end(entry: Entry): void {
    entry.cancelNext();
    entry.nextMs = null;
    for (const cancel of entry.cancelRetries) cancel();
    entry.cancelRetries.clear();
  }

  return {
    update(schedules) {
      const wanted = new Map(schedules.map((schedule) => [schedule.name, schedule]));
      for (const [name, entry] of entries)
        if (!wanted.has(name)) {
          entries.delete(name);
          end(entry);
        }
      for (const definition of schedules) {
        const existing = entries.get(definition.name);
        const isSame = existing && timesOf(existing.definition) === timesOf(definition);
        const entry = existing ?? add(definition);
        entry.definition = definition;
        if (isSame) continue;
        entry.startedAtMs = clock.now();
        waitForNext(entry);
      }
    },
    nextRunMs: (name) => entries.get(name)?.nextMs ?? null,
    runNow(name) {
      const entry = entries.get(name);
      return entry ? start(entry, newRun(new Date(clock.now()))) : null;
    },
    async stop() {
      stopping.abort();
      for (const entry of entries.values()) end(entry);
      await Promise.all(active);
    },
  };
}

function newRun(scheduledAt: Date): Run {
  return { jobId: randomUUID(), requestId: randomUUID(), scheduledAt, attempt: 1 };
}

function timesOf({ expression, settings }: ScheduleDefinition): string {
  return `${expression.text} ${settings.timezone}`;
}

function errorOf(outcome: Outcome): PortableError | null {
  if (outcome.kind === "failed") return outcome.error;
  if (outcome.kind === "returned") return (outcome.value as ScheduleAnswer).error;
  return outcome.cause.kind === "uncaught" ? outcome.cause.error : null;
}

function skippedEvent(
  { name, settings }: ScheduleDefinition,
  { jobId, requestId, attempt }: Run,
): WorkerEvent {
  return {
    kind: "jobSkipped",
    reason: "the run before it goes on",
    queueName: null,
    scheduleName: name,
    jobId,
    job: "default",
    groupId: null,
    attempt,
    maxAttempts: settings.retries + 1,
    source: { handler: name, requestId, queueName: null, jobId, attempt, traceId: null },
  };
}
