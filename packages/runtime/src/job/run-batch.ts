import type { SQSBatchResponse } from "aws-lambda";
import { answeringInTime } from "./answer-in-time.js";
import type { BackoffRule } from "./backoff.js";
import type { JobClock } from "./clock.js";
import { keepHold } from "./hold.js";
import type { JobQueue } from "./job-queue.js";
import { planLanes, type Step } from "./plan-lanes.js";
import { runLanes } from "./run-lanes.js";
import { reportingReserveMs } from "./timeouts.js";
import type { Tracking } from "./tracking.js";
import type { Verdict } from "./verdict.js";

/** What the batch policy needs to know of a delivered job. */
export type BatchRecord = {
  messageId: string;
  receiptHandle: string;
  groupId: string | null;
  together: boolean;
  receivedCount: number;
  /** Which attempt this is, from 1; of a tracked job only when its turn has come. */
  attempt: number;
  maxAttempts: number;
  backoff: BackoffRule;
  /** Before when it must not start, milliseconds since 1970; null: it may at once. */
  dueAtMs: number | null;
  /** From when on it is too late to start it, milliseconds since 1970; null: never. */
  expiresAtMs: number | null;
};

/** What becomes of a job that failed. */
type FailureOutcome =
  | { kind: "retry"; delaySeconds: number }
  | { kind: "dead-letter" | "given-up"; reason: string };

/** Why a job is over that was not run: its record says so, or it has come too late. */
export type DropReason = "cancelled" | "expired" | "duplicate";

/** Is told what happens to each job, for logs. Nothing that it does changes what happens. */
export type BatchObserver<R> = {
  finished(record: R, durationMs: number): void;
  failed(record: R, durationMs: number, error: unknown, outcome: FailureOutcome): void;
  /** It went back to the queue without having run. */
  returned(record: R, reason: string): void;
  /** Its message is deleted without having run. */
  dropped(record: R, reason: DropReason): void;
  /** SQS, or the table of job records, refused something; the jobs come back by their visibility timeout. */
  error(error: unknown): void;
};

/** What is to run at once: one job, or several for `batch`. */
export type BatchCall<R> = {
  records: Step<R>;
  /** Now, milliseconds since 1970. */
  startedAtMs: number;
  untilMs: number;
  /** The job is done while its call goes on. */
  onAcked(record: R): void;
  /** Takes a verdict for each, in order; once. The time is now: it was just read, and reading it is not free. */
  onEnd(verdicts: Verdict[], endedAtMs: number): void;
};

/** One delivery and everything that running it needs. */
export type Batch<R extends BatchRecord> = {
  /** In the order in which they were delivered. */
  records: R[];
  fifo: boolean;
  /** How long one call may take. */
  timeoutMs: number;
  /** When the invocation is ended from outside, milliseconds since 1970. Infinity: never (a debugger is attached). */
  deadlineMs: number;
  /** The host keeps messages invisible while their jobs run. Default: the queue's visibility timeout does. */
  keptByHost?: boolean;
  /**
   * Runs the jobs of one call and hands over a verdict for each: by `untilMs` at the latest, once, and maybe before it
   * returns. Must not throw. `onAcked` is for a job that is done while its call goes on.
   */
  run: (call: BatchCall<R>) => void;
  queue: JobQueue<R>;
  /** The records of the queue's jobs; null: it keeps none. */
  tracking?: Tracking<R> | null;
  observer: BatchObserver<R>;
  /** The error of a job whose process ended each time that it ran. */
  processEnded: (record: R) => unknown;
  clock: JobClock;
  /** 0 inclusive to 1 exclusive. */
  random: () => number;
};

/**
 * Runs a delivery and says which of its messages go back to the queue: the policy of a queue's function, knowing
 * nothing of handlers, of Lambda or of the network.
 *
 * A standard queue's jobs run side by side. A FIFO queue's groups run side by side, the jobs of one in turn; when one is
 * to be retried, the later jobs of its group go back unrun, visible at once behind it. A retry sets its own visibility
 * to its backoff before it is reported. A job out of attempts is sent to the dead-letter queue and counts as done; when
 * that fails, it is retried. A job that could not start before the invocation's end goes back unrun.
 *
 * @returns the messages that go back, as Lambda's partial batch responses name them
 */
export async function runBatch<R extends BatchRecord>(batch: Batch<R>): Promise<SQSBatchResponse> {
  const { records, clock, observer, deadlineMs, keptByHost } = batch;
  const startedAtMs = clock.now();
  const reserveMs = reportingReserveMs(deadlineMs - startedAtMs);
  const giveUpAtMs = deadlineMs - reserveMs / 4;
  const queue = answeringInTime(batch.queue, clock, giveUpAtMs);
  const onError = observer.error;
  const hold = keepHold({ records, queue, clock, startedAtMs, deadlineMs, keptByHost, onError });
  const reportByMs = deadlineMs - reserveMs;
  const failed = new Set<string>();
  const running = { batch: { ...batch, queue }, hold, reportByMs, giveUpAtMs, failed };
  await runLanes(running, planLanes(records, batch.fifo));
  const asked = hold.end();
  if (asked) await asked;
  if (failed.size === 0) return { batchItemFailures: [] };
  const goBack = records.filter(({ messageId }) => failed.has(messageId));
  return { batchItemFailures: goBack.map(({ messageId }) => ({ itemIdentifier: messageId })) };
}
