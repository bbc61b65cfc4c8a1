import type { Context, SQSBatchResponse, SQSEvent } from "aws-lambda";
import { instanceConfig } from "../config/instance.js";
import { processEnded } from "../errors/job-errors.js";
import { type JobClock, systemClock } from "../job/clock.js";
import { instanceJobQueue } from "../job/instance-job-queue.js";
import type { JobQueue } from "../job/job-queue.js";
import { type JobRecord, toJobRecord } from "../job/job-record.js";
import { JobScope, toJobEvent } from "../job/job-scope.js";
import { createHandlerLoader } from "../job/load-handlers.js";
import { createTrackingLoader } from "../job/load-tracking.js";
import { type MessageKeeper, withKeeper } from "../job/message-keeper.js";
import { type QueueHandlers, readQueueHandlers } from "../job/queue-handlers.js";
import { returnUnloadable } from "../job/return-unloadable.js";
import { runBatch } from "../job/run-batch.js";
import { runJobs } from "../job/run-jobs.js";
import { createSharedTimer } from "../job/shared-timer.js";
import { createTimeLimits } from "../job/time-limits.js";
import { LAMBDA_MAX_TIMEOUT_SECONDS } from "../limits/index.js";
import { finalWork } from "../log/final-work.js";
import { emitLifecycle, hasLifecycleListeners } from "../log/lifecycle-events.js";
import { startLogging } from "../log/start-logging.js";
import type { JobRecords } from "../records/record-store.js";
import { createQueueMetrics } from "../telemetry/queue-metrics.js";
import type { QueueFunction } from "./functions.js";

export type { MessageKeeper } from "../job/message-keeper.js";
export type { QueueFunction, UserModule } from "./functions.js";

/** What the handler uses of Lambda's context; a host that is not Lambda may add a keeper of messages to it. */
type QueueContext = Pick<Context, "awsRequestId" | "getRemainingTimeInMillis"> &
  Partial<Context> & { messageKeeper?: MessageKeeper };

/** The Lambda handler of a queue's function. */
export type QueueLambdaHandler = {
  (event: SQSEvent, context: QueueContext): Promise<SQSBatchResponse>;
  /** Loads the user's code ahead of the first event. Rejects with what it threw; the next event tries again. */
  ready(): Promise<void>;
};

/** What tests and the simulation replace. */
export type QueueHandlerPorts = {
  queue: JobQueue<JobRecord>;
  /** Of a tracked queue's jobs. */
  records: JobRecords;
  clock: JobClock;
  random: () => number;
};

/**
 * Makes the Lambda handler of a queue's function: it runs the jobs of an SQS event and answers which of them go back
 * (partial batch response). It rejects only when the user's code cannot be loaded; the whole delivery then goes back.
 *
 * @param fn - the queue and how its code is loaded
 * @param ports - what to use in place of SQS, the stage's table, the system's clock and Math.random
 */
export function createQueueHandler(
  fn: QueueFunction,
  ports: Partial<QueueHandlerPorts> = {},
): QueueLambdaHandler {
  const { clock = systemClock, random = Math.random } = ports;
  startLogging(instanceConfig());
  const loadHandlers = createHandlerLoader(fn, (module) => readQueueHandlers(module, fn.name));
  const loadTracking = fn.settings.track ? createTrackingLoader(fn, ports.records) : null;
  const startMetrics = createQueueMetrics(instanceConfig(), fn.name);
  let lastLoadError: unknown = null;

  async function handle(event: SQSEvent, context: QueueContext): Promise<SQSBatchResponse> {
    const codeVersion = context.functionVersion ?? "$LATEST";
    const keeper = context.messageKeeper;
    const queue = withKeeper(ports.queue ?? instanceJobQueue(fn, codeVersion), keeper);
    const requestId = context.awsRequestId;
    // More than Lambda can ever give means that time is not kept: a debugger is attached.
    const remainingMs = context.getRemainingTimeInMillis();
    const isTimed = remainingMs <= LAMBDA_MAX_TIMEOUT_SECONDS * 1_000;
    const deadlineMs = isTimed ? clock.now() + remainingMs : Number.POSITIVE_INFINITY;

    let handlers: QueueHandlers;
    try {
      handlers = await loadHandlers();
    } catch (error) {
      const records = event.Records.map((message) => toJobRecord(message, fn, false));
      await returnUnloadable({ error, records, queueName: fn.name, requestId, queue });
      // A module that failed stays failed in this process, and throws the very same error: only a new one can mend it.
      if (error === lastLoadError && process.env.AWS_LAMBDA_FUNCTION_NAME) process.exit(1);
      lastLoadError = error;
      throw error;
    }

    const source = {
      handler: fn.name,
      requestId,
      queueName: fn.name,
      jobId: null,
      attempt: null,
      traceId: null,
    };
    const scopeOf = (record: JobRecord) => () => new JobScope([record], { fn, requestId });
    const tell = (error: unknown) => emitLifecycle("error", { error, source });
    const timer = createSharedTimer(clock);
    const metrics = startMetrics?.(clock.now(), requestId);
    const tracking = loadTracking ? (await loadTracking())(requestId, timer) : null;
    const runner = { fn, handlers, requestId, clock, timeLimits: createTimeLimits(timer), tracking };
    const answer = await runBatch<JobRecord>({
      records: event.Records.map((message) => toJobRecord(message, fn, handlers.batch !== null)),
      fifo: fn.fifo,
      timeoutMs: isTimed ? fn.settings.timeoutSeconds * 1_000 : Number.POSITIVE_INFINITY,
      deadlineMs,
      keptByHost: keeper !== undefined,
      run: (call) => runJobs(runner, call),
      queue,
      tracking,
      observer: {
        finished(record, durationMs) {
          metrics?.ended(record, durationMs, false);
          if (hasLifecycleListeners("jobFinished"))
            emitLifecycle(
              "jobFinished",
              { ...toJobEvent(record, fn.name, requestId), durationMs },
              scopeOf(record),
            );
        },
        failed(record, durationMs, error, outcome) {
          metrics?.ended(record, durationMs, true);
          if (hasLifecycleListeners("jobFailed"))
            emitLifecycle(
              "jobFailed",
              { ...toJobEvent(record, fn.name, requestId), durationMs, error, outcome },
              scopeOf(record),
            );
        },
        returned(record, reason) {
          if (hasLifecycleListeners("jobReturned"))
            emitLifecycle(
              "jobReturned",
              { ...toJobEvent(record, fn.name, requestId), reason },
              scopeOf(record),
            );
        },
        dropped(record, reason) {
          if (hasLifecycleListeners("jobDropped"))
            emitLifecycle(
              "jobDropped",
              { ...toJobEvent(record, fn.name, requestId), reason },
              scopeOf(record),
            );
        },
        error: tell,
      },
      processEnded: (record) => processEnded(fn.name, tracking ? record.attempt : record.receivedCount - 1),
      clock: timer,
      random,
    });
    timer.stop();
    metrics?.write();
    const stillToDo = finalWork(() => deadlineMs - clock.now());
    if (stillToDo) await stillToDo;
    return answer;
  }

  return Object.assign(handle, {
    async ready() {
      await Promise.all([loadHandlers(), loadTracking?.()]);
    },
  });
}
