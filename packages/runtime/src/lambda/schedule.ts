import type { Context } from "aws-lambda";
import { instanceConfig } from "../config/instance.js";
import { newTrace, parseXRayHeader } from "../context/trace.js";
import { scheduleWithoutHandler } from "../errors/schedule-errors.js";
import { type JobClock, systemClock } from "../job/clock.js";
import { createHandlerLoader } from "../job/load-handlers.js";
import { reportingReserveMs } from "../job/timeouts.js";
import { LAMBDA_MAX_TIMEOUT_SECONDS } from "../limits/index.js";
import { finalWork } from "../log/final-work.js";
import { emitLifecycle } from "../log/lifecycle-events.js";
import { startLogging } from "../log/start-logging.js";
import { instanceLease } from "../schedule/instance-lease.js";
import { runSchedule } from "../schedule/run-schedule.js";
import type { ScheduleHandler } from "../schedule/schedule-event.js";
import { isExcepted, readScheduleInput } from "../schedule/schedule-input.js";
import type { ScheduleLease } from "../schedule/schedule-lease.js";
import { toRunEvent } from "../schedule/schedule-scope.js";
import type { ScheduleFunction, UserModule } from "./functions.js";

export type { ScheduleFunction } from "./functions.js";

/** What the handler uses of Lambda's context. */
type ScheduleContext = Pick<Context, "awsRequestId" | "getRemainingTimeInMillis">;

/** The Lambda handler of a schedule's function. */
export type ScheduleLambdaHandler = {
  (event: unknown, context: ScheduleContext): Promise<void>;
  /** Loads the user's code ahead of the first event. Rejects with what it threw; the next event tries again. */
  ready(): Promise<void>;
};

/**
 * Makes the Lambda handler of a schedule's function: EventBridge Scheduler invokes it, asynchronously, with what
 * `scheduleInput` made. It rejects when the run failed, so that Lambda counts it, and retries it where told to. Where
 * runs must not overlap, one that falls due while another holds the schedule's lease ends without having run.
 *
 * @param fn - the schedule and how its code is loaded
 * @param ports - what to use in place of the system's clock and of the lease in the stage's table
 */
export function createScheduleHandler(
  fn: ScheduleFunction,
  ports: { clock?: JobClock; lease?: ScheduleLease } = {},
): ScheduleLambdaHandler {
  const { clock = systemClock } = ports;
  const { name, cron, settings } = fn;
  let lease: Promise<ScheduleLease | null> | null = null;
  startLogging(instanceConfig());
  const loadHandler = createHandlerLoader(fn, (module) => readHandler(module, name));
  let lastLoadError: unknown = null;
  // Lambda does not say which attempt an invocation is, but keeps its request id: mostly, it comes back to this instance.
  let lastRequest = { id: "", attempts: 0 };

  async function handle(event: unknown, context: ScheduleContext): Promise<void> {
    const requestId = context.awsRequestId;
    const run = readScheduleInput(event, requestId, clock.now());
    if (isExcepted(run)) return;
    lastRequest = { id: requestId, attempts: lastRequest.id === requestId ? lastRequest.attempts + 1 : 1 };
    let handler: ScheduleHandler;
    try {
      handler = await loadHandler();
    } catch (error) {
      const source = { handler: name, requestId, queueName: null, jobId: null, attempt: null, traceId: null };
      emitLifecycle("error", { error, source });
      // A module that failed stays failed in this process, and throws the very same error: only a new one can mend it.
      if (error === lastLoadError && process.env.AWS_LAMBDA_FUNCTION_NAME) process.exit(1);
      lastLoadError = error;
      throw error;
    }
    const { jobId, scheduledAt } = run;
    const maxAttempts = settings.retries + 1;
    const attempt = Math.min(run.attempt ?? lastRequest.attempts, maxAttempts);
    const remainingMs = context.getRemainingTimeInMillis();
    const untilMs = endOfRun(remainingMs);
    // Lambda's Node runtime says so for each invocation. Lambda Developer Guide, "Using Lambda environment variables".
    const trace = parseXRayHeader(process.env._X_AMZN_TRACE_ID) ?? newTrace();
    const attempted = { name, jobId, cron, scheduledAt, requestId, attempt, maxAttempts, untilMs, trace };
    const held = settings.overlap === "skip" ? await ownLease() : null;
    if (held && !(await held.take(jobId, clock.now() + remainingMs))) {
      emitLifecycle("jobSkipped", { ...toRunEvent(attempted), reason: "the run before it goes on" });
      return;
    }
    try {
      await runSchedule(handler, attempted, clock);
    } finally {
      // What is not given back is over when the function's time is.
      await held?.giveBack(jobId).catch((error) => {
        emitLifecycle("error", { error, source: toRunEvent(attempted).source });
      });
      await finalWork(() => context.getRemainingTimeInMillis());
    }
  }

  function ownLease(): Promise<ScheduleLease | null> {
    lease ??= ports.lease ? Promise.resolve(ports.lease) : instanceLease(name);
    return lease;
  }

  function endOfRun(remainingMs: number): number {
    // More than Lambda can ever give means that time is not kept: a debugger is attached.
    if (remainingMs > LAMBDA_MAX_TIMEOUT_SECONDS * 1_000) return Number.POSITIVE_INFINITY;
    const ownMs = settings.timeoutSeconds * 1_000;
    return clock.now() + Math.min(ownMs, remainingMs - reportingReserveMs(remainingMs));
  }

  return Object.assign(handle, {
    async ready() {
      await loadHandler();
    },
  });
}

function readHandler(module: UserModule, name: string): ScheduleHandler {
  const { default: handler } = module;
  if (typeof handler !== "function") throw scheduleWithoutHandler(name);
  return handler as ScheduleHandler;
}
