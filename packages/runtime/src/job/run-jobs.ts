import type { QueueFunction } from "../lambda/functions.js";
import { emitLifecycle, hasLifecycleListeners } from "../log/lifecycle-events.js";
import type { JobClock } from "./clock.js";
import { createJobMetadata } from "./job-control.js";
import type { BatchJob } from "./job-metadata.js";
import type { JobRecord } from "./job-record.js";
import { JobScope, toJobEvent } from "./job-scope.js";
import { type PreparedJob, prepareJob } from "./prepare-job.js";
import type { QueueHandlers } from "./queue-handlers.js";
import type { BatchCall } from "./run-batch.js";
import { type Invoke, startCall } from "./start-call.js";
import type { TimeLimits } from "./time-limits.js";
import type { JobTracking } from "./track-jobs.js";
import type { Verdict } from "./verdict.js";

/** What running the jobs of an invocation needs. */
export type JobRunner = {
  fn: QueueFunction;
  handlers: QueueHandlers;
  requestId: string;
  clock: JobClock;
  timeLimits: TimeLimits;
  /** Null: the queue keeps no records of its jobs. */
  tracking: JobTracking | null;
};

/** Runs the jobs of one call with the user's functions. Jobs that can never run fail without being run. */
export function runJobs(runner: JobRunner, call: BatchCall<JobRecord>): void {
  const { fn, handlers } = runner;
  const [only] = call.records;
  if (!only || only.together) {
    void runTogether(runner, call);
    return;
  }
  const prepared = prepareJob(only, fn, handlers);
  if (prepared instanceof Promise) void prepared.then((ready) => runOne(runner, call, only, ready));
  else runOne(runner, call, only, prepared);
}

function runOne(
  runner: JobRunner,
  call: BatchCall<JobRecord>,
  record: JobRecord,
  prepared: PreparedJob,
): void {
  if ("verdict" in prepared) {
    call.onEnd([prepared.verdict], runner.clock.now());
    return;
  }
  const { payload } = prepared;
  const handler = runner.handlers.jobs.get(record.job);
  const invoke: Invoke = (running) => handler?.(payload, createJobMetadata(running, record));
  start(runner, call, invoke);
}

async function runTogether(runner: JobRunner, call: BatchCall<JobRecord>): Promise<void> {
  const { fn, handlers } = runner;
  const prepared = await Promise.all(call.records.map((record) => prepareJob(record, fn, handlers)));
  const runnable = call.records.filter((_, index) => "payload" in (prepared[index] as PreparedJob));
  const payloads = prepared.flatMap((job) => ("payload" in job ? [job.payload] : []));
  const onEnd = (verdicts: Verdict[], endedAtMs: number) => {
    const rest = verdicts.values();
    call.onEnd(
      prepared.map((job) => ("verdict" in job ? job.verdict : (rest.next().value as Verdict))),
      endedAtMs,
    );
  };
  if (runnable.length === 0) return onEnd([], runner.clock.now());
  const invoke: Invoke = (running) => {
    const batchJobs = runnable.map((record, index) =>
      createJobMetadata(running, record, { payload: payloads[index] }),
    );
    const context = {
      get signal() {
        return running.signal;
      },
    };
    return handlers.batch?.(batchJobs as BatchJob[], context);
  };
  start(runner, { ...call, records: runnable, onAcked: (record) => call.onAcked(record), onEnd }, invoke);
}

function start(runner: JobRunner, call: BatchCall<JobRecord>, invoke: Invoke): void {
  if (hasLifecycleListeners("jobStarted"))
    for (const record of call.records)
      emitLifecycle(
        "jobStarted",
        toJobEvent(record, runner.fn.name, runner.requestId),
        () => new JobScope([record], runner),
      );
  startCall(runner, call, invoke);
}
