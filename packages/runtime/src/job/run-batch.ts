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

/** What is to run at once: one job, or several for `batch`. */
export type BatchCall<R> = {
  records: Step<R>;
  /** Now, milliseconds since 1970. */
  startedAtMs: number;
  untilMs: number;
  onAcked: (record: R) => void;
  onEnd: (verdicts: Verdict[]) => void;
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
   * Runs the jobs of one call and hands over a verdict for each: by `untilMs` at the latest, once, and maybe before it
   * returns. Must not throw. `onAcked` is for a job that is done while its call goes on.
   */
  run: (call: BatchCall<R>) => void;
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

  // Callbacks up to the first failure: most jobs succeed, and a promise for each step of each costs more than the rest.
  function runLane(lane: Lane<R>, index: number, onLaneEnd: () => void): void {
    const step = lane[index];
    if (!step) {
      onLaneEnd();
      return;
    }
    const now = clock.now();
    const availableMs = reportByMs - now;
    // The first of a lane starts with whatever time there is: if it went back, it would go back for ever.
    if (index === 0 ? availableMs <= 0 : availableMs < batch.timeoutMs) {
      void putBack(lane.slice(index).flat(), [], "there was no time left to start it").then(onLaneEnd);
      return;
    }
    const goOn = (retries: Retry<R>[]): void => {
      if (retries.length === 0) {
        runLane(lane, index + 1, onLaneEnd);
        return;
      }
      const behind = lane.slice(index + 1).flat();
      void putBack(behind, retries, "an earlier job of its group is to be retried").then(onLaneEnd);
    };
    if (index === 0 && step.some(endsItsProcess)) void withoutProcessEnders(step, now, goOn);
    else runStep(step, now, [], goOn);
  }

  function runStep(
    step: Step<R>,
    now: number,
    retries: Retry<R>[],
    goOn: (retries: Retry<R>[]) => void,
  ): void {
    const onEnd = (verdicts: Verdict[]): void => {
      const concluded = step.map((record, index) => conclude(record, verdicts[index] as Verdict, now));
      const isPending = concluded.some((retry) => retry instanceof Promise);
      if (!isPending) goOn([...retries, ...(concluded as Concluded<R>[]).filter((retry) => retry !== null)]);
      else
        void Promise.all(concluded).then((more) =>
          goOn([...retries, ...more.filter((retry) => retry !== null)]),
        );
    };
    const untilMs = Math.min(now + batch.timeoutMs, reportByMs);
    batch.run({ records: step, startedAtMs: now, untilMs, onAcked, onEnd });
  }

  /** In a group only its first job can have ended the process: those behind it had not started. */
  async function withoutProcessEnders(
    step: Step<R>,
    now: number,
    goOn: (retries: Retry<R>[]) => void,
  ): Promise<void> {
    const suspects = step.filter((record, index) => endsItsProcess(record) && !(batch.fifo && index > 0));
    const verdict = (record: R): Verdict => ({ kind: "fail", error: batch.processEnded(record) });
    const concluded = await Promise.all(suspects.map((record) => conclude(record, verdict(record), now)));
    const retries = concluded.filter((retry) => retry !== null);
    const rest = step.filter((record) => !suspects.includes(record));
    // The rest of its group waits for one that could not even be dead-lettered.
    if (batch.fifo && retries.length > 0)
      goOn([...retries, ...rest.map((record) => ({ record, delaySeconds: 0 }))]);
    else if (rest.length === 0) goOn(retries);
    else runStep(rest, now, retries, goOn);
  }

  /** @returns the retry, or null when the job is over; a promise only where the dead-letter queue is asked */
  function conclude(record: R, verdict: Verdict, startMs: number): Concluded<R> | Promise<Concluded<R>> {
    const durationMs = clock.now() - startMs;
    if (verdict.kind === "done") {
      hold.release(record);
      observer.finished(record, durationMs);
      return null;
    }
    if (verdict.kind === "fail") return deadLetter(record, verdict, durationMs, "it cannot succeed");
    if (record.attempt < record.maxAttempts) return retryLater(record, verdict, durationMs);
    return deadLetter(
      record,
      verdict,
      durationMs,
      `attempt ${record.attempt} of ${record.maxAttempts} failed`,
    );
  }

  function retryLater(record: R, verdict: Failure, durationMs: number): Retry<R> {
    const asked = verdict.kind === "retry" ? verdict.delaySeconds : null;
    const delaySeconds = asked ?? retryDelaySeconds(record.backoff, record.attempt, random);
    observer.failed(record, durationMs, verdict.error, { kind: "retry", delaySeconds });
    return { record, delaySeconds };
  }

  async function deadLetter(
    record: R,
    verdict: Failure,
    durationMs: number,
    reason: string,
  ): Promise<Concluded<R>> {
    const { error } = verdict;
    try {
      await queue.sendDeadLetter(record, { error, attempts: record.attempt });
    } catch (sendError) {
      observer.error(sendError);
      return retryLater(record, verdict, durationMs);
    }
    hold.deleteNow(record);
    observer.failed(record, durationMs, error, { kind: "dead-letter", reason });
    return null;
  }

  async function putBack(unrun: R[], retries: Retry<R>[], reason: string): Promise<void> {
    for (const record of unrun) observer.returned(record, reason);
    // Last first: a group's later messages are there again before its first can be received.
    const changes = [...unrun.toReversed().map((record) => ({ record, delaySeconds: 0 })), ...retries];
    for (const { record } of changes) failed.add(record.messageId);
    await hold.letGo(changes);
  }

  await runAll(planLanes(records, batch.fifo), (lane, onLaneEnd) => runLane(lane, 0, onLaneEnd));
  await hold.end();
  return { batchItemFailures: itemFailures(records, failed) };
}

type Failure = Exclude<Verdict, { kind: "done" }>;
type Retry<R> = { record: R; delaySeconds: number };
type Concluded<R> = Retry<R> | null;

function endsItsProcess(record: BatchRecord): boolean {
  return record.receivedCount > record.maxAttempts + RECEIVES_BEYOND_ATTEMPTS;
}

/** Starts all, and resolves when each has called back. */
function runAll<T>(items: T[], start: (item: T, onEnd: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    let open = items.length;
    const onEnd = (): void => {
      open--;
      if (open === 0) resolve();
    };
    if (open === 0) resolve();
    for (const item of items) start(item, onEnd);
  });
}

function itemFailures(records: BatchRecord[], failed: Set<string>): SQSBatchResponse["batchItemFailures"] {
  if (failed.size === 0) return [];
  return records.flatMap(({ messageId }) => (failed.has(messageId) ? [{ itemIdentifier: messageId }] : []));
}
