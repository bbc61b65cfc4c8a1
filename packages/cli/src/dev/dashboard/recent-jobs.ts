import type { PortableError, WorkerEvent } from "../worker/protocol.js";
import type { RecentEvent } from "./recent-events.js";

/** A job, or a run of a schedule, as far as what was told of it says. */
export type RecentJob = {
  /** The queue's name, or the schedule's. */
  handler: string;
  /** Null: a run of a schedule. */
  queueName: string | null;
  jobId: string;
  /** "default", or the named export. */
  job: string;
  groupId: string | null;
  state:
    | "running"
    | "done"
    | "to be retried"
    | "dead-lettered"
    | "given up"
    | "returned"
    | "skipped"
    | "dropped";
  attempt: number;
  maxAttempts: number;
  /** Of the last attempt; null: it runs. */
  durationMs: number | null;
  error: PortableError | null;
  /** Why it was not run, or what comes next. */
  note: string | null;
  traceId: string | null;
  /** When it was last told of, in milliseconds since 1970. */
  timeMs: number;
};

type JobTold = Extract<WorkerEvent, { jobId: string }>;

/**
 * @param events - the earliest first
 * @param limit - how many jobs
 * @returns what was told of last, first
 */
export function recentJobs(events: readonly RecentEvent[], limit: number): RecentJob[] {
  const jobs = new Map<string, RecentJob>();
  const nothing = () => {};
  for (const { timeMs, tell } of events) {
    const event = (told: WorkerEvent): void => {
      if (!("jobId" in told)) return;
      const key = `${told.source.handler} ${told.jobId}`;
      jobs.delete(key);
      jobs.set(key, toJob(told, timeMs));
    };
    tell({
      event,
      serving: nothing,
      ready: nothing,
      output: nothing,
      batchFailed: nothing,
      runFailed: nothing,
      requestFailed: nothing,
      reloaded: nothing,
      problems: nothing,
      warning: nothing,
      info: nothing,
      flush: nothing,
    });
  }
  return [...jobs.values()].reverse().slice(0, limit);
}

function toJob(told: JobTold, timeMs: number): RecentJob {
  const { queueName, jobId, job, groupId, attempt, maxAttempts, source } = told;
  return {
    handler: source.handler,
    queueName,
    jobId,
    job,
    groupId,
    attempt,
    maxAttempts,
    durationMs: "durationMs" in told ? told.durationMs : null,
    error: "error" in told ? told.error : null,
    traceId: source.traceId,
    timeMs,
    ...stateOf(told),
  };
}

function stateOf(told: JobTold): Pick<RecentJob, "state" | "note"> {
  switch (told.kind) {
    case "jobStarted":
      return { state: "running", note: null };
    case "jobFinished":
      return { state: "done", note: null };
    case "jobFailed":
      return told.outcome.kind === "retry"
        ? { state: "to be retried", note: `again in ${told.outcome.delaySeconds} s` }
        : {
            state: told.outcome.kind === "given-up" ? "given up" : "dead-lettered",
            note: told.outcome.reason,
          };
    case "jobReturned":
      return { state: "returned", note: told.reason };
    case "jobSkipped":
      return { state: "skipped", note: told.reason };
    case "jobDropped":
      return { state: "dropped", note: told.reason };
  }
}
