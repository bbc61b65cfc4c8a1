import { describeError } from "../errors/describe-error.js";
import { leaseLost, recordsUnreachable, tableTooSlow } from "../errors/record-errors.js";
import type { QueueFunction } from "../lambda/functions.js";
import { SQS_MAX_VISIBILITY_TIMEOUT_SECONDS } from "../limits/index.js";
import type { HeldJob, JobRecords } from "../records/record-store.js";
import { inTime } from "./answer-in-time.js";
import type { JobClock } from "./clock.js";
import { type Conclusion, deadLetterReason, type Failure, type Retry, retryDelayOf } from "./conclude.js";
import type { JobRecord } from "./job-record.js";
import type { Step } from "./plan-lanes.js";
import { createProgressWriter, type ProgressWriter } from "./progress-writer.js";
import { toClaim } from "./record-claim.js";
import type { DropReason } from "./run-batch.js";
import type { RunningBatch } from "./run-lanes.js";
import type { Admission, Tracking } from "./tracking.js";
import { unrunDelaySeconds } from "./unrun-delay.js";
import type { Verdict } from "./verdict.js";

/** How long a job's lease outlives its time: for its outcome to be recorded. */
const LEASE_MARGIN_MS = 5_000;
/** How much of that is left to record it, however long claiming took. */
const RECORDING_MS = 1_000;
/** Where time is not kept (a debugger is attached). */
const LONGEST_LEASE_MS = SQS_MAX_VISIBILITY_TIMEOUT_SECONDS * 1_000;

type Running = RunningBatch<JobRecord>;

/** What the table made of a write. */
type Written = { kind: "written" } | { kind: "lost" } | { kind: "unreachable"; error: unknown };

/** The tracking of one invocation's jobs. */
export type JobTracking = Tracking<JobRecord> & {
  /** Records how far a running job has come. Rejects when that is not possible; the last value wins. */
  progress(record: JobRecord, value: unknown): Promise<void>;
};

/** @param options - `newToken` makes the secret of a claim */
export function trackJobs(options: {
  records: JobRecords;
  fn: QueueFunction;
  clock: JobClock;
  newToken: () => string;
}): JobTracking {
  return new TrackedJobs(options);
}

class TrackedJobs implements JobTracking {
  readonly #records: JobRecords;
  readonly #fn: QueueFunction;
  readonly #clock: JobClock;
  readonly #newToken: () => string;
  /** What is ours to say the outcome of. */
  readonly #held = new Map<JobRecord, HeldJob>();
  readonly #acked = new Map<JobRecord, Promise<Written>>();
  readonly #progress = new Map<JobRecord, ProgressWriter>();
  /** The same outage is not told for every job. */
  #outageIsTold = false;

  constructor({ records, fn, clock, newToken }: Parameters<typeof trackJobs>[0]) {
    this.#records = records;
    this.#fn = fn;
    this.#clock = clock;
    this.#newToken = newToken;
  }

  async admit(running: Running, step: Step<JobRecord>, untilMs: number): Promise<Admission<JobRecord>> {
    const leaseUntilMs = Math.min(untilMs, this.#clock.now() + LONGEST_LEASE_MS) + LEASE_MARGIN_MS;
    const endByMs = untilMs === Number.POSITIVE_INFINITY ? untilMs : leaseUntilMs - RECORDING_MS;
    const runnable: JobRecord[] = [];
    const back: Retry<JobRecord>[] = [];
    const ask = async (record: JobRecord): Promise<void> => {
      const answer = await this.#claim(running, record, leaseUntilMs, untilMs);
      if (answer === "run") runnable.push(record);
      else if (answer) back.push(answer);
    };
    if (!running.batch.fifo) {
      await Promise.all(step.map(ask));
      const inOrder = step.filter((record) => runnable.includes(record));
      return { runnable: inOrder, back, asked: step.length, endByMs };
    }
    let asked = 0;
    while (asked < step.length && back.length === 0) await ask(step[asked++] as JobRecord);
    return { runnable, back, asked, endByMs };
  }

  acked(running: Running, record: JobRecord): void {
    const held = this.#held.get(record);
    if (!held) return;
    const completed = this.#write(running, () => this.#records.complete(held, null));
    this.#acked.set(record, completed);
    // Deleting a FIFO job would let the next of its group start while this one's handler still runs.
    if (running.batch.fifo) return;
    void completed.then(({ kind }) => {
      if (kind === "written") running.hold.deleteNow(record);
    });
  }

  async conclude(
    running: Running,
    record: JobRecord,
    verdict: Verdict,
    durationMs: number,
  ): Promise<Conclusion<JobRecord>> {
    const held = this.#held.get(record);
    if (!held) return null;
    this.#held.delete(record);
    if (verdict.kind === "done") return this.#complete(running, record, held, verdict.value, durationMs);
    if (verdict.kind === "retry" && record.attempt < record.maxAttempts)
      return this.#retry(running, record, held, verdict, durationMs);
    return this.#deadLetter(running, record, held, verdict, durationMs);
  }

  progress(record: JobRecord, value: unknown): Promise<void> {
    const held = this.#held.get(record);
    // What an `ack()` has completed has come all the way.
    if (!held || this.#acked.has(record)) return Promise.resolve();
    let writer = this.#progress.get(record);
    if (!writer) {
      const write = async (latest: unknown): Promise<void> => {
        if (!(await this.#records.progress(held, latest))) throw leaseLost(held);
      };
      writer = createProgressWriter(this.#fn.name, write);
      this.#progress.set(record, writer);
    }
    return writer(value);
  }

  /** @returns "run" when it is ours; what goes back; null when the job is over */
  async #claim(
    running: Running,
    record: JobRecord,
    leaseUntilMs: number,
    giveUpAtMs: number,
  ): Promise<"run" | Conclusion<JobRecord>> {
    const { batch, hold } = running;
    const claim = toClaim(record, this.#fn, { leaseToken: this.#newToken(), leaseUntilMs });
    try {
      const answer = await inTime(this.#records.claim(claim), this.#clock, giveUpAtMs, tableTooSlow);
      switch (answer.kind) {
        case "claimed": {
          // Beyond the last attempt it was claimed only for its end: no attempt is made.
          record.attempt = Math.min(answer.attempt, record.maxAttempts);
          const held = { ...claim, attempt: record.attempt };
          this.#held.set(record, held);
          if (answer.attempt <= record.maxAttempts) return "run";
          const error = answer.failedOf ?? batch.processEnded(record);
          return await this.conclude(running, record, { kind: "fail", error }, 0);
        }
        case "over":
          hold.release(record);
          batch.observer.dropped(record, DROPPED[answer.status]);
          return null;
        case "running":
          batch.observer.returned(record, "another delivery of it is running");
          return { record, delaySeconds: this.#secondsUntil(answer.leaseUntilMs) };
      }
    } catch (error) {
      this.#tellOutage(running, error);
      batch.observer.returned(record, "its record could not be reached");
      return { record, delaySeconds: unrunDelaySeconds(record.receivedCount) };
    }
  }

  async #complete(
    running: Running,
    record: JobRecord,
    held: HeldJob,
    value: unknown,
    durationMs: number,
  ): Promise<Conclusion<JobRecord>> {
    const { batch, hold } = running;
    // What a call of `batch` returns is the result of none of its jobs.
    const result = record.together ? null : (value ?? null);
    let completed = await this.#acked.get(record);
    if (!completed || completed.kind === "unreachable")
      completed = await this.#write(running, () => this.#records.complete(held, result));
    if (completed.kind !== "written") return this.#unrecorded(running, record, held, completed, durationMs);
    hold.release(record);
    batch.observer.finished(record, durationMs);
    return null;
  }

  async #retry(
    running: Running,
    record: JobRecord,
    held: HeldJob,
    verdict: Failure,
    durationMs: number,
  ): Promise<Conclusion<JobRecord>> {
    const { error } = verdict;
    const delaySeconds = retryDelayOf(running.batch, record, verdict);
    // Pending before it is visible: nobody finds it running who may run it.
    const written = await this.#write(running, () => this.#records.retry(held, describeError(error)));
    if (written.kind !== "written")
      return this.#unrecorded(running, record, held, written, durationMs, delaySeconds);
    running.batch.observer.failed(record, durationMs, error, { kind: "retry", delaySeconds });
    return { record, delaySeconds };
  }

  async #deadLetter(
    running: Running,
    record: JobRecord,
    held: HeldJob,
    verdict: Failure,
    durationMs: number,
  ): Promise<Conclusion<JobRecord>> {
    const { batch, hold } = running;
    const { error } = verdict;
    try {
      await batch.queue.sendDeadLetter(record, { error, attempts: record.attempt });
    } catch (sendError) {
      batch.observer.error(sendError);
      return this.#retry(running, record, held, verdict, durationMs);
    }
    const written = await this.#write(running, () => this.#records.fail(held, describeError(error)));
    if (written.kind !== "written") return this.#unrecorded(running, record, held, written, durationMs);
    hold.deleteNow(record);
    const reason = deadLetterReason(record, verdict);
    batch.observer.failed(record, durationMs, error, { kind: "dead-letter", reason });
    return null;
  }

  /** An outcome that does not count: the job is somebody else's, or nobody will know of it and it runs again. */
  #unrecorded(
    { batch, hold }: Running,
    record: JobRecord,
    held: HeldJob,
    written: Exclude<Written, { kind: "written" }>,
    durationMs: number,
    atLeastSeconds = 0,
  ): Retry<JobRecord> {
    if (written.kind === "lost") {
      hold.forget(record);
      const reason = "its outcome is for whoever has claimed it since";
      batch.observer.failed(record, durationMs, leaseLost(held), { kind: "given-up", reason });
      return { record, delaySeconds: null };
    }
    const delaySeconds = Math.max(atLeastSeconds, this.#secondsUntil(held.leaseUntilMs));
    const error = recordsUnreachable(this.#fn.name, written.error);
    batch.observer.failed(record, durationMs, error, { kind: "retry", delaySeconds });
    return { record, delaySeconds };
  }

  async #write(running: Running, call: () => Promise<boolean>): Promise<Written> {
    try {
      const isOurs = await inTime(call(), this.#clock, running.giveUpAtMs, tableTooSlow);
      return { kind: isOurs ? "written" : "lost" };
    } catch (error) {
      this.#tellOutage(running, error);
      return { kind: "unreachable", error };
    }
  }

  #tellOutage({ batch }: Running, cause: unknown): void {
    if (this.#outageIsTold) return;
    this.#outageIsTold = true;
    batch.observer.error(recordsUnreachable(this.#fn.name, cause));
  }

  /** A second more, for clocks that do not agree; never longer than SQS hides a message. */
  #secondsUntil(atMs: number): number {
    const seconds = Math.ceil(Math.max(0, atMs - this.#clock.now()) / 1_000) + 1;
    return Math.min(seconds, SQS_MAX_VISIBILITY_TIMEOUT_SECONDS - 3_600);
  }
}

const DROPPED: Record<"completed" | "failed" | "cancelled" | "expired", DropReason> = {
  completed: "duplicate",
  failed: "duplicate",
  cancelled: "cancelled",
  expired: "expired",
};
