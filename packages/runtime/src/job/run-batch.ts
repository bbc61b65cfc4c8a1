import type { SQSBatchResponse } from "aws-lambda";
import { type BackoffRule, retryDelaySeconds } from "./backoff.js";
import type { JobClock } from "./clock.js";
import { keepHold } from "./hold.js";
import type { JobQueue } from "./job-queue.js";
import { type Lane, planLanes, type Step } from "./plan-lanes.js";
import { reportingReserveMs } from "./timeouts.js";
import type { Verdict } from "./verdict.js";

/**
 * Receives without an outcome beyond `maxAttempts` after which a job is taken to end its process, and is dead-lettered
 * without being run again. The margin is for receives that were no attempts: throttling, jobs that came back unrun.
 */
const RECEIVES_BEYOND_ATTEMPTS = 5;

/** What the batch policy needs to know of a delivered job. */
export type BatchRecord = {
  messageId: string;
  receiptHandle: string;
  groupId: string | null;
  together: boolean;
  receivedCount: number;
  /** Which attempt this is, from 1. */
  attempt: number;
  maxAttempts: number;
  backoff: BackoffRule;
};

/** What becomes of a job that failed. */
export type FailureOutcome =
  | { kind: "retry"; delaySeconds: number }
  | { kind: "dead-letter"; reason: string };

/** Is told what happens to each job, for logs. Nothing that it does changes what happens. */
export type BatchObserver<R> = {
  finished(record: R, durationMs: number): void;
  failed(record: R, durationMs: number, error: unknown, outcome: FailureOutcome): void;
  /** It went back to the queue without having run. */
  returned(record: R, reason: string): void;
  /** SQS refused something; the jobs come back by their visibility timeout. */
  error(error: unknown): void;
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
  /**
   * Runs the jobs of one call and gives a verdict for each, by `untilMs` at the latest. Must not reject. `onAcked` is
   * for a job that is done while its call goes on.
   */
  run: (step: Step<R>, untilMs: number, onAcked: (record: R) => void) => Promise<Verdict[]>;
  queue: JobQueue<R>;
  observer: BatchObserver<R>;
  /** The error of a job that was delivered that often without an outcome. */
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
  const { records, clock, queue, random, observer } = batch;
  const startedAtMs = clock.now();
  const reportByMs = batch.deadlineMs - reportingReserveMs(batch.deadlineMs - startedAtMs);
  const hold = keepHold({
    records,
    queue,
    clock,
    startedAtMs,
    deadlineMs: batch.deadlineMs,
    onError: observer.error,
  });
  const failed = new Set<string>();
  // Deleting a FIFO job would let the next of its group start while this one's handler still runs.
  const onAcked = batch.fifo ? () => {} : hold.deleteNow;

  async function runLane(lane: Lane<R>): Promise<void> {
    for (let index = 0; index < lane.length; index++) {
      const step = lane[index] as Step<R>;
      const retries = await runStep(step, index === 0);
      if (retries === null)
        return putBack(lane.slice(index).flat(), [], "there was no time left to start it");
      if (retries.length === 0) continue;
      return putBack(lane.slice(index + 1).flat(), retries, "an earlier job of its group is to be retried");
    }
  }

  /** @returns the jobs that come back and after how long, or null when there was no time to start */
  async function runStep(step: Step<R>, isFirst: boolean): Promise<Retry<R>[] | null> {
    const now = clock.now();
    const availableMs = reportByMs - now;
    // The first of a lane starts with whatever time there is: if it went back, it would go back for ever.
    if (isFirst ? availableMs <= 0 : availableMs < batch.timeoutMs) return null;
    const untilMs = Math.min(now + batch.timeoutMs, reportByMs);

    const retries: Retry<R>[] = [];
    const runnable = isFirst ? await withoutProcessEnders(step, retries) : step;
    if (runnable.length === 0) return retries;
    const verdicts = await batch.run(runnable, untilMs, onAcked);
    const concluded = runnable.map((record, index) => conclude(record, verdicts[index] as Verdict, now));
    for (const retry of await Promise.all(concluded)) if (retry) retries.push(retry);
    return retries;
  }

  /** In a group only its first job can have ended the process: those behind it had not started. */
  async function withoutProcessEnders(step: Step<R>, retries: Retry<R>[]): Promise<Step<R>> {
    const endsItsProcess = (record: R, index: number) =>
      record.receivedCount > record.maxAttempts + RECEIVES_BEYOND_ATTEMPTS && !(batch.fifo && index > 0);
    const suspects = step.filter(endsItsProcess);
    if (suspects.length === 0) return step;
    const now = clock.now();
    const verdict = (record: R): Verdict => ({ kind: "fail", error: batch.processEnded(record) });
    const concluded = await Promise.all(suspects.map((record) => conclude(record, verdict(record), now)));
    for (const retry of concluded) if (retry) retries.push(retry);
    // The rest of its group waits for one that could not even be dead-lettered.
    if (batch.fifo && retries.length > 0)
      retries.push(...step.slice(1).map((record) => ({ record, delaySeconds: 0 })));
    return batch.fifo && retries.length > 0 ? [] : step.filter((record) => !suspects.includes(record));
  }

  /** @returns the retry, or null when the job is over: done, or dead-lettered */
  async function conclude(record: R, verdict: Verdict, startMs: number): Promise<Retry<R> | null> {
    const durationMs = clock.now() - startMs;
    if (verdict.kind === "done") {
      hold.release(record);
      observer.finished(record, durationMs);
      return null;
    }
    const { error } = verdict;
    const isLast = record.attempt >= record.maxAttempts;
    if (verdict.kind === "fail" || isLast) {
      const reason =
        verdict.kind === "fail"
          ? "it cannot succeed"
          : `attempt ${record.attempt} of ${record.maxAttempts} failed`;
      try {
        await queue.sendDeadLetter(record, { error, attempts: record.attempt });
        hold.deleteNow(record);
        observer.failed(record, durationMs, error, { kind: "dead-letter", reason });
        return null;
      } catch (sendError) {
        observer.error(sendError);
      }
    }
    const asked = verdict.kind === "retry" ? verdict.delaySeconds : null;
    const delaySeconds = asked ?? retryDelaySeconds(record.backoff, record.attempt, random);
    observer.failed(record, durationMs, error, { kind: "retry", delaySeconds });
    return { record, delaySeconds };
  }

  async function putBack(unrun: R[], retries: Retry<R>[], reason: string): Promise<void> {
    for (const record of unrun) observer.returned(record, reason);
    // Last first: a group's later messages are there again before its first can be received.
    const changes = [...unrun.toReversed().map((record) => ({ record, delaySeconds: 0 })), ...retries];
    for (const { record } of changes) failed.add(record.messageId);
    await hold.letGo(changes);
  }

  await Promise.all(planLanes(records, batch.fifo).map(runLane));
  await hold.end();
  const batchItemFailures = [];
  for (const { messageId } of records)
    if (failed.has(messageId)) batchItemFailures.push({ itemIdentifier: messageId });
  return { batchItemFailures };
}

type Retry<R> = { record: R; delaySeconds: number };
