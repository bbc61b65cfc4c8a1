import { type JobEvent, onLifecycle } from "@queue-run/runtime/instance";
import type { JobRun } from "./test-project.js";

/** What ran, and what of it failed. */
export type RunLog = {
  /** Every run that has ended, in order. */
  runs: JobRun[];
  /** Calls back when so many of these jobs have begun to run, unless the returned function is called before. */
  whenRunning(jobIds: readonly string[], count: number, callback: () => void): () => void;
  stop(): void;
};

/**
 * Listens to what the runtime tells.
 *
 * @param now - milliseconds since 1970
 * @param print - told of each failure, for people; null: nobody is
 */
export function startRunLog(
  now: () => number,
  print: ((line: string, error: unknown) => void) | null,
): RunLog {
  const runs: JobRun[] = [];

  function add(
    event: JobEvent,
    outcome: JobRun["outcome"],
    error: unknown = null,
    retryAtMs: number | null = null,
  ): void {
    const { queueName, scheduleName = null, jobId, job, groupId, attempt, maxAttempts } = event;
    const retryAt = retryAtMs === null ? null : new Date(retryAtMs);
    runs.push({
      queueName,
      scheduleName,
      jobId,
      job,
      group: groupId,
      attempt,
      maxAttempts,
      outcome,
      error,
      retryAt,
    });
  }

  const stops = [
    onLifecycle("jobFinished", (event) => add(event, "done")),
    onLifecycle("jobDropped", (event) => add(event, "dropped")),
    onLifecycle("jobFailed", ({ error, outcome, ...event }) => {
      const retryAtMs = outcome.kind === "retry" ? now() + outcome.delaySeconds * 1_000 : null;
      add(event, outcome.kind, error, retryAtMs);
      print?.(failureLine(event, outcome.kind, retryAtMs), error);
    }),
    onLifecycle("error", ({ error, source }) => print?.(`${source.handler}: an error, logged:`, error)),
  ];
  return {
    runs,
    whenRunning(jobIds, count, callback) {
      const missing = new Set(jobIds);
      return onLifecycle("jobStarted", ({ jobId }) => {
        if (missing.delete(jobId) && jobIds.length - missing.size === count) callback();
      });
    },
    stop: () => {
      for (const stop of stops) stop();
    },
  };
}

/** "emails job 5f2c…: attempt 1 of 5 failed, and it comes back at 2027-01-01T00:00:01.000Z:" */
function failureLine(
  { queueName, scheduleName, jobId, job, attempt, maxAttempts }: JobEvent,
  outcome: JobRun["outcome"],
  retryAtMs: number | null,
): string {
  const what = `${queueName ?? scheduleName}${job === "default" ? "" : `.${job}`} ${jobId}`;
  const next: Partial<Record<JobRun["outcome"], string>> = {
    retry: `and it comes back at ${new Date(retryAtMs ?? 0).toISOString()}`,
    "dead-letter": "and it is in the dead-letter queue",
    "given-up": "and it is given up",
  };
  return `${what}: attempt ${attempt} of ${maxAttempts} failed, ${next[outcome] ?? ""}:`;
}
