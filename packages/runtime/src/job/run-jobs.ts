import type { QueueFunction } from "../lambda/functions.js";
import { emitLifecycle, hasLifecycleListeners } from "../log/lifecycle-events.js";
import type { JobClock } from "./clock.js";
import { createJobMetadata } from "./job-control.js";
import type { BatchJob } from "./job-metadata.js";
import type { JobRecord } from "./job-record.js";
import { JobScope, toJobEvent } from "./job-scope.js";
import { type PreparedJob, prepareJob } from "./prepare-job.js";
import type { QueueHandlers } from "./queue-handlers.js";
import { type CallPlan, startCall } from "./start-call.js";
import type { TimeLimits } from "./time-limits.js";
import type { Verdict } from "./verdict.js";

/** What running the jobs of an invocation needs. */
export type JobRunner = {
  fn: QueueFunction;
  handlers: QueueHandlers;
  requestId: string;
  clock: JobClock;
  timeLimits: TimeLimits;
};

/** The jobs of one call. */
export type JobsToRun = {
  /** One job, or several that `batch` handles together. */
  records: JobRecord[];
  /** When their time is up, milliseconds since 1970. */
  untilMs: number;
  /** A job is done while the call goes on. */
  onAcked: (record: JobRecord) => void;
  /** Is given a verdict for each, in order; once. */
  onEnd: (verdicts: Verdict[]) => void;
};

/** Runs the jobs of one call with the user's functions. Jobs that can never run fail without being run. */
export function runJobs(runner: JobRunner, jobs: JobsToRun): void {
  const { fn, handlers } = runner;
  const [only] = jobs.records;
  if (!only || only.together) {
    void runTogether(runner, jobs);
    return;
  }
  const prepared = prepareJob(only, fn, handlers);
  if (prepared instanceof Promise) void prepared.then((ready) => runOne(runner, jobs, only, ready));
  else runOne(runner, jobs, only, prepared);
}

function runOne(runner: JobRunner, jobs: JobsToRun, record: JobRecord, prepared: PreparedJob): void {
  if ("verdict" in prepared) {
    jobs.onEnd([prepared.verdict]);
    return;
  }
  const { payload } = prepared;
  const handler = runner.handlers.jobs.get(record.job);
  const invoke: CallPlan["invoke"] = ([control]) => control && handler?.(payload, createJobMetadata(control));
  start(runner, jobs, jobs.records, invoke, jobs.onEnd);
}

async function runTogether(runner: JobRunner, jobs: JobsToRun): Promise<void> {
  const { fn, handlers } = runner;
  const prepared = await Promise.all(jobs.records.map((record) => prepareJob(record, fn, handlers)));
  const runnable = jobs.records.filter((_, index) => "payload" in (prepared[index] as PreparedJob));
  const payloads = prepared.flatMap((job) => ("payload" in job ? [job.payload] : []));
  const onEnd = (verdicts: Verdict[]) => {
    const rest = [...verdicts];
    jobs.onEnd(prepared.map((job) => ("verdict" in job ? job.verdict : (rest.shift() as Verdict))));
  };
  if (runnable.length === 0) return onEnd([]);
  const invoke: CallPlan["invoke"] = (controls, call) => {
    const batchJobs = controls.map((control, index) =>
      createJobMetadata(control, { payload: payloads[index] }),
    );
    const context = {
      get signal() {
        return call.signal;
      },
    };
    return handlers.batch?.(batchJobs as BatchJob[], context);
  };
  start(runner, jobs, runnable, invoke, onEnd);
}

function start(
  { fn, requestId, clock, timeLimits }: JobRunner,
  { untilMs, onAcked }: JobsToRun,
  records: JobRecord[],
  invoke: CallPlan["invoke"],
  onEnd: JobsToRun["onEnd"],
): void {
  if (hasLifecycleListeners("jobStarted"))
    for (const record of records) emitLifecycle("jobStarted", toJobEvent(record, fn.name, requestId));
  const scope = new JobScope(records, fn.name, requestId, fn.settings.limits.pushes);
  const onLateError = (error: unknown) => {
    const [first] = records;
    if (first) emitLifecycle("error", { error, source: toJobEvent(first, fn.name, requestId).source });
  };
  startCall({ records, scope, invoke, clock, timeLimits, untilMs, onAcked, onLateError, onEnd });
}
