import { retryDelaySeconds } from "./backoff.js";
import type { Hold } from "./hold.js";
import type { Batch, BatchRecord } from "./run-batch.js";
import type { RunningBatch } from "./run-lanes.js";
import type { Verdict } from "./verdict.js";

/** A job that comes back. `delaySeconds` null: its message's visibility is for somebody else to set. */
export type Retry<R> = { record: R; delaySeconds: number | null };

/** What a verdict comes to: a retry, or null for a job that is over: done, or dead-lettered. */
export type Conclusion<R> = Retry<R> | null;

/** An attempt that came to nothing. */
export type Failure = Exclude<Verdict, { kind: "done" }>;

/**
 * Makes of a verdict what becomes of its job, by the attempts it has left and the queue's backoff. A job that is out of
 * attempts is sent to the dead-letter queue, then deleted; when that queue does not take it, it is retried.
 *
 * @param durationMs - of its call
 * @returns a promise only where the dead-letter queue is asked
 */
export function conclude<R extends BatchRecord>(
  running: RunningBatch<R>,
  record: R,
  verdict: Verdict,
  durationMs: number,
): Conclusion<R> | Promise<Conclusion<R>> {
  const { batch, hold } = running;
  if (batch.tracking) return batch.tracking.conclude(running, record, verdict, durationMs);
  if (verdict.kind === "done") {
    hold.release(record);
    batch.observer.finished(record, durationMs);
    return null;
  }
  if (verdict.kind === "retry" && record.attempt < record.maxAttempts)
    return retryLater(batch, record, verdict, durationMs);
  return deadLetter(batch, hold, record, verdict, durationMs);
}

/** @returns how long the job waits: what it asked for, or the queue's backoff; whole seconds */
export function retryDelayOf<R extends BatchRecord>(
  { random }: Batch<R>,
  record: R,
  verdict: Failure,
): number {
  const asked = verdict.kind === "retry" ? verdict.delaySeconds : null;
  return asked ?? retryDelaySeconds(record.backoff, record.attempt, random);
}

/** @returns why a job that failed has no more attempts */
export function deadLetterReason({ attempt, maxAttempts }: BatchRecord, { kind }: Failure): string {
  return kind === "fail" ? "it cannot succeed" : `attempt ${attempt} of ${maxAttempts} failed`;
}

function retryLater<R extends BatchRecord>(
  batch: Batch<R>,
  record: R,
  verdict: Failure,
  durationMs: number,
): Retry<R> {
  const delaySeconds = retryDelayOf(batch, record, verdict);
  batch.observer.failed(record, durationMs, verdict.error, { kind: "retry", delaySeconds });
  return { record, delaySeconds };
}

async function deadLetter<R extends BatchRecord>(
  batch: Batch<R>,
  hold: Hold<R>,
  record: R,
  verdict: Failure,
  durationMs: number,
): Promise<Conclusion<R>> {
  const { error } = verdict;
  try {
    await batch.queue.sendDeadLetter(record, { error, attempts: record.attempt });
  } catch (sendError) {
    batch.observer.error(sendError);
    return retryLater(batch, record, verdict, durationMs);
  }
  hold.deleteNow(record);
  const reason = deadLetterReason(record, verdict);
  batch.observer.failed(record, durationMs, error, { kind: "dead-letter", reason });
  return null;
}
