import type { QueueFunction } from "../lambda/functions.js";
import { emitLifecycle, hasLifecycleListeners } from "../log/lifecycle-events.js";
import { createPushTracker } from "../queue/push-tracker.js";
import type { JobClock } from "./clock.js";
import type { BatchJob, JobMetadata } from "./job-metadata.js";
import type { JobRecord } from "./job-record.js";
import { JobScope, toJobEvent } from "./job-scope.js";
import { type PreparedJob, prepareJob } from "./prepare-job.js";
import type { QueueHandlers } from "./queue-handlers.js";
import { runCall } from "./run-call.js";
import type { Verdict } from "./verdict.js";

/** The jobs of one call, and what running them needs. */
export type JobsToRun = {
  /** One job, or several that `batch` handles together. */
  records: JobRecord[];
  fn: QueueFunction;
  handlers: QueueHandlers;
  requestId: string;
  clock: JobClock;
  /** When their time is up, milliseconds since 1970. */
  untilMs: number;
  /** A job is done while the call goes on. */
  onAcked: (record: JobRecord) => void;
};

/** Runs the jobs of one call with the user's functions. Jobs that can never run fail without being run. */
export async function runJobs(jobs: JobsToRun): Promise<Verdict[]> {
  const { records, fn, handlers } = jobs;
  const [only] = records;
  if (only && !only.together) {
    const prepared = await prepareJob(only, fn, handlers);
    if (!("payload" in prepared)) return [{ kind: "fail", error: prepared.error }];
    const handler = handlers.jobs.get(only.job);
    return call(jobs, records, ([metadata]) => handler?.(prepared.payload, metadata as JobMetadata));
  }

  const prepared = await Promise.all(records.map((record) => prepareJob(record, fn, handlers)));
  const runnable = records.filter((_, index) => "payload" in (prepared[index] as PreparedJob));
  const payloads = prepared.flatMap((job) => ("payload" in job ? [job.payload] : []));
  const verdicts = await callBatch(jobs, runnable, payloads);
  return prepared.map((job) =>
    "payload" in job ? (verdicts.shift() as Verdict) : { kind: "fail", error: job.error },
  );
}

async function callBatch(jobs: JobsToRun, runnable: JobRecord[], payloads: unknown[]): Promise<Verdict[]> {
  if (runnable.length === 0) return [];
  const { batch } = jobs.handlers;
  return call(jobs, runnable, (metadata, getSignal) => {
    const batchJobs = metadata.map((job, index) =>
      Object.defineProperty(job, "payload", { value: payloads[index], enumerable: true, writable: true }),
    );
    const context = {
      get signal() {
        return getSignal();
      },
    };
    return batch?.(batchJobs as BatchJob[], context);
  });
}

function call(
  { fn, requestId, clock, untilMs, onAcked }: JobsToRun,
  records: JobRecord[],
  invoke: (jobs: JobMetadata[], getSignal: () => AbortSignal) => unknown,
): Promise<Verdict[]> {
  if (hasLifecycleListeners("jobStarted"))
    for (const record of records) emitLifecycle("jobStarted", toJobEvent(record, fn.name, requestId));
  const pushes = createPushTracker({ maxPushes: fn.settings.limits.pushes });
  const scope = new JobScope(records, fn.name, requestId, pushes);
  const [first] = records;
  const source = first ? toJobEvent(first, fn.name, requestId).source : null;
  const onLateError = (error: unknown) => {
    if (source) emitLifecycle("error", { error, source });
  };
  return runCall({ records, queueName: fn.name, scope, invoke, clock, untilMs, onAcked, onLateError });
}
