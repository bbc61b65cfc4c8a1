import { type JobEvent, onLifecycle } from "@queue-run/runtime/instance";
import type { JobRun } from "./test-project.js";

/** Prints a line for people, and what it is about. */
export type Print = (line: string, ...details: unknown[]) => void;

/** What ran, and what of it failed. */
export type RunLog = {
  /** Every run that has ended, in order. */
  runs: JobRun[];
  /** What runs at the moment, for people: "emails 5f2c…, attempt 1". */
  running(): string[];
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
export function startRunLog(now: () => number, print: Print | null): RunLog {
  const runs: JobRun[] = [];
  const running = new Map<string, string>();

  function add(
    event: JobEvent,
    outcome: JobRun["outcome"],
    error: unknown = null,
    retryAtMs: number | null = null,
  ): void {
    running.delete(idOf(event));
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
    onLifecycle("jobStarted", (event) =>
      running.set(idOf(event), `${nameOf(event)}, attempt ${event.attempt}`),
    ),
    onLifecycle("jobReturned", (event) => running.delete(idOf(event))),
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
    running: () => [...running.values()],
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
function failureLine(event: JobEvent, outcome: JobRun["outcome"], retryAtMs: number | null): string {
  const next: Partial<Record<JobRun["outcome"], string>> = {
    retry: `and it comes back at ${new Date(retryAtMs ?? 0).toISOString()}`,
    "dead-letter": "and it is in the dead-letter queue",
    "given-up": "and it is given up",
  };
  return `${nameOf(event)}: attempt ${event.attempt} of ${event.maxAttempts} failed, ${next[outcome] ?? ""}:`;
}

function nameOf({ queueName, scheduleName, jobId, job }: JobEvent): string {
  return `${queueName ?? scheduleName}${job === "default" ? "" : `.${job}`} ${jobId}`;
}

function idOf({ queueName, scheduleName, jobId }: JobEvent): string {
  return `${queueName ?? scheduleName} ${jobId}`;
}
