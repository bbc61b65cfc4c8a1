import { runInScope, type TraceContext } from "../context/invocation-scope.js";
import { scheduleTimedOut } from "../errors/schedule-errors.js";
import type { JobClock } from "../job/clock.js";
import { emitLifecycle } from "../log/lifecycle-events.js";
import { labelOfScope } from "../log/scope-label.js";
import { currentTracer } from "../telemetry/tracer.js";
import type { ScheduleEvent, ScheduleHandler } from "./schedule-event.js";
import { ScheduleScope, toRunEvent } from "./schedule-scope.js";

/** How long pushes may still be sent after the run's time was up. */
const SETTLE_AFTER_TIMEOUT_MS = 2_000;
/** Lambda's wait before the second attempt; twice that before the third. Lambda Developer Guide, "Asynchronous invocation". */
const RETRY_WAIT_SECONDS = 60;

/** One attempt at one run, and what it takes. */
export type ScheduleRun = Omit<ScheduleEvent, "signal"> & {
  requestId: string;
  /** From 1. */
  attempt: number;
  maxAttempts: number;
  trace: TraceContext;
  /** When its time is up, milliseconds since 1970. Infinity: never (a debugger is attached). */
  untilMs: number;
};

/**
 * Runs a schedule's handler, once. What it pushed is sent before the run counts as done; a push that failed and that
 * nobody awaited fails it. A run past its time has failed, even if its handler never returns.
 *
 * @throws what the handler threw, or what else the run failed of: so Lambda knows of the failure, and retries
 */
export async function runSchedule(
  handler: ScheduleHandler,
  run: ScheduleRun,
  clock: JobClock,
): Promise<void> {
  const span = currentTracer()?.run(run) ?? null;
  const traced = span ? { ...run, trace: span.trace } : run;
  const told = toRunEvent(traced);
  const scope = () => new ScheduleScope(traced);
  const startedAtMs = clock.now();
  emitLifecycle("jobStarted", told, scope);
  try {
    await (span ? span.run(() => callInTime(handler, traced, clock)) : callInTime(handler, run, clock));
    emitLifecycle("jobFinished", { ...told, durationMs: clock.now() - startedAtMs }, scope);
    span?.end(null);
  } catch (error) {
    const durationMs = clock.now() - startedAtMs;
    emitLifecycle("jobFailed", { ...told, durationMs, error, outcome: outcomeOf(run) }, scope);
    span?.end(error);
    throw error;
  }
}

function outcomeOf({ attempt, maxAttempts }: ScheduleRun) {
  if (attempt < maxAttempts) return { kind: "retry" as const, delaySeconds: RETRY_WAIT_SECONDS * attempt };
  return { kind: "given-up" as const, reason: `attempt ${attempt} of ${maxAttempts} failed` };
}

async function callInTime(handler: ScheduleHandler, run: ScheduleRun, clock: JobClock): Promise<void> {
  const { name, jobId, cron, scheduledAt, untilMs } = run;
  const scope = new ScheduleScope(run);
  const controller = new AbortController();
  const end = () => {
    scope.close();
    controller.abort();
  };
  const startedAtMs = clock.now();
  const timedOut = () => scheduleTimedOut(name, clock.now() - startedAtMs);

  const call = async (): Promise<void> => {
    try {
      const event = { name, jobId, cron, signal: controller.signal, scheduledAt };
      await runInScope(scope, () => handler(event));
    } catch (error) {
      end();
      // A push that failed as well is not what the handler failed of.
      await scope.settlePushes().catch(() => {});
      throw error;
    }
    end();
    await scope.settlePushes();
    // Code that blocks the event loop keeps the timer from firing: it is the clock that counts.
    if (clock.now() >= untilMs) throw timedOut();
  };

  let cancelTimer = () => {};
  let isTimeUp = false;
  const timeIsUp = new Promise<never>((_, reject) => {
    cancelTimer = clock.at(untilMs, () => {
      isTimeUp = true;
      reject(timedOut());
    });
  });
  try {
    await Promise.race([call(), timeIsUp]);
  } catch (error) {
    end();
    if (isTimeUp) await lastMoment(scope, clock);
    throw error;
  } finally {
    cancelTimer();
  }
}

/** Gives pushes a last moment to be sent, so that what was pushed before the time was up is not lost unnoticed. */
async function lastMoment(scope: ScheduleScope, clock: JobClock): Promise<void> {
  const settled = scope
    .settlePushes()
    .catch((error) => emitLifecycle("error", { error, source: labelOfScope(scope) }));
  let cancelTimer = () => {};
  const tooLate = new Promise<void>((resolve) => {
    cancelTimer = clock.at(clock.now() + SETTLE_AFTER_TIMEOUT_MS, resolve);
  });
  await Promise.race([settled, tooLate]);
  cancelTimer();
}
