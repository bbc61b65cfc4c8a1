import { MAX_RETRY_DELAY_SECONDS } from "./backoff.js";
import { type Conclusion, conclude, type Retry } from "./conclude.js";
import type { Hold } from "./hold.js";
import { type Lane, type Step, stepOf } from "./plan-lanes.js";
import type { Batch, BatchCall, BatchRecord } from "./run-batch.js";
import type { Tracking } from "./tracking.js";
import type { Verdict } from "./verdict.js";

/**
 * Receives without an outcome beyond `maxAttempts` after which a job is taken to end its process, and is dead-lettered
 * without being run again. The margin is for receives that were no attempts: throttling, jobs that came back unrun.
 */
const RECEIVES_BEYOND_ATTEMPTS = 5;

/** A job that seems to be early by no more than that is on time: clocks do not agree to the millisecond. */
const CLOCK_SKEW_MS = 1_000;

/** A delivery while it runs. */
export type RunningBatch<R extends BatchRecord> = {
  batch: Batch<R>;
  hold: Hold<R>;
  /** When the jobs' time is up, however late they started: what follows is for reporting. */
  reportByMs: number;
  /** When calls that have not been answered are given up, so that there is time left to say so. */
  giveUpAtMs: number;
  /** Ids of the messages that go back. */
  failed: Set<string>;
};

/** Runs lanes side by side. Resolves when all have ended. */
export function runLanes<R extends BatchRecord>(running: RunningBatch<R>, lanes: Lane<R>[]): Promise<void> {
  return new Promise((resolve) => {
    let open = lanes.length;
    if (open === 0) resolve();
    const onLaneEnd = (): void => {
      open--;
      if (open === 0) resolve();
    };
    for (const lane of lanes) new RunningLane(running, lane, onLaneEnd).runStep();
  });
}

/**
 * The steps of a lane, one after another: the call that is under way is the lane itself. Callbacks until a job goes back
 * or is dead-lettered: most jobs succeed, and promises for each of them would cost more than the rest.
 */
class RunningLane<R extends BatchRecord> implements BatchCall<R> {
  records: Step<R> = [];
  startedAtMs = 0;
  untilMs = 0;
  readonly #running: RunningBatch<R>;
  readonly #lane: Lane<R>;
  readonly #onLaneEnd: () => void;
  /** Where in the lane the next step starts. */
  #next = 0;
  /** Jobs of this step that come back without having been in its call. */
  #beforehand: Retry<R>[] | null = null;

  constructor(running: RunningBatch<R>, lane: Lane<R>, onLaneEnd: () => void) {
    this.#running = running;
    this.#lane = lane;
    this.#onLaneEnd = onLaneEnd;
  }

  runStep(): void {
    if (this.#next >= this.#lane.length) {
      this.#onLaneEnd();
      return;
    }
    let step = stepOf(this.#lane, this.#next);
    const { batch, reportByMs } = this.#running;
    const now = batch.clock.now();
    const availableMs = reportByMs - now;
    const isFirst = this.#next === 0;
    // The first of a lane starts with whatever time there is: if it went back, it would go back for ever.
    if (isFirst ? availableMs <= 0 : availableMs < batch.timeoutMs) {
      void this.#putBack(this.#lane.slice(this.#next), [], "there was no time left to start it");
      return;
    }
    this.#next += step.length;
    if (!areTimely(step, now)) {
      step = this.#onlyTimely(step, now);
      if (step.length === 0) return;
    }
    this.startedAtMs = now;
    this.untilMs = Math.min(now + batch.timeoutMs, reportByMs);
    if (batch.tracking) {
      void this.#runClaimed(step, batch.tracking);
      return;
    }
    if (isFirst && step.some(endsItsProcess)) {
      void this.#runWithoutProcessEnders(step);
      return;
    }
    this.records = step;
    batch.run(this);
  }

  onAcked(record: R): void {
    const { batch, hold } = this.#running;
    if (batch.tracking) batch.tracking.acked(this.#running, record);
    // Deleting a FIFO job would let the next of its group start while this one's handler still runs.
    else if (!batch.fifo) hold.deleteNow(record);
  }

  onEnd(verdicts: Verdict[], endedAtMs: number): void {
    const durationMs = endedAtMs - this.startedAtMs;
    let retries = this.#beforehand;
    this.#beforehand = null;
    let pending: Promise<Conclusion<R>>[] | null = null;
    for (let index = 0; index < this.records.length; index++) {
      const record = this.records[index] as R;
      const conclusion = conclude(this.#running, record, verdicts[index] as Verdict, durationMs);
      if (conclusion instanceof Promise) {
        pending ??= [];
        pending.push(conclusion);
      } else if (conclusion) {
        retries ??= [];
        retries.push(conclusion);
      }
    }
    if (pending)
      void Promise.all(pending).then((more) =>
        this.#stepEnded([...(retries ?? []), ...more.filter(isRetry)]),
      );
    else this.#stepEnded(retries);
  }

  #stepEnded(retries: Retry<R>[] | null): void {
    if (!retries || retries.length === 0) this.runStep();
    else
      void this.#putBack(
        this.#lane.slice(this.#next),
        retries,
        "an earlier job of its group is to be retried",
      );
  }

  /**
   * What has come too late is done with, unrun; what has come too early goes back until it is due, and in a FIFO group
   * what is behind it.
   *
   * @returns what is left of the step; when that is nothing, the lane has gone on
   */
  #onlyTimely(step: Step<R>, now: number): Step<R> {
    const { batch, hold } = this.#running;
    const timely: R[] = [];
    const early: Retry<R>[] = [];
    for (const [index, record] of step.entries()) {
      if (isTooLate(record, now)) {
        hold.release(record);
        batch.observer.dropped(record, "expired");
      } else if (!isTooEarly(record, now)) timely.push(record);
      else if (batch.fifo && timely.length > 0) {
        // Those before it have their call first; it is looked at again when that has ended.
        this.#next -= step.length - index;
        return timely;
      } else {
        batch.observer.returned(record, "it is not due yet");
        early.push({ record, delaySeconds: secondsUntilDue(record, now) });
        if (!batch.fifo) continue;
        this.#next -= step.length - index - 1;
        break;
      }
    }
    if (timely.length > 0) this.#beforehand = early;
    else this.#stepEnded(early);
    return timely;
  }

  async #runClaimed(step: Step<R>, tracking: Tracking<R>): Promise<void> {
    const { batch, reportByMs } = this.#running;
    const { runnable, back, asked, endByMs } = await tracking.admit(this.#running, step, this.untilMs);
    this.#next -= step.length - asked;
    const early = this.#beforehand ?? [];
    this.#beforehand = null;
    if (runnable.length === 0) {
      this.#stepEnded([...early, ...back]);
      return;
    }
    this.#beforehand = [...early, ...back];
    this.records = runnable;
    this.startedAtMs = batch.clock.now();
    // What claiming took is not taken from the job's own time.
    this.untilMs = Math.min(this.startedAtMs + batch.timeoutMs, reportByMs, endByMs);
    batch.run(this);
  }

  /** In a group only its first job can have ended the process: those behind it had not started. */
  async #runWithoutProcessEnders(step: Step<R>): Promise<void> {
    const { batch } = this.#running;
    const suspects = step.filter((record, index) => endsItsProcess(record) && !(batch.fifo && index > 0));
    const concluded = suspects.map((record) => {
      const verdict: Verdict = { kind: "fail", error: batch.processEnded(record) };
      return conclude(this.#running, record, verdict, 0);
    });
    const retries = [...(this.#beforehand ?? []), ...(await Promise.all(concluded)).filter(isRetry)];
    this.#beforehand = null;
    const rest = step.filter((record) => !suspects.includes(record));
    if (batch.fifo && retries.length > 0) {
      // What the dead-letter queue did not take comes back, and with it what was to run behind it.
      const behind = [...rest, ...this.#lane.slice(this.#next)];
      await this.#putBack(behind, retries, "an earlier job of its group could not be dead-lettered");
    } else if (rest.length === 0) this.#stepEnded(retries);
    else {
      this.#beforehand = retries;
      this.records = rest;
      batch.run(this);
    }
  }

  async #putBack(unrun: R[], retries: Retry<R>[], reason: string): Promise<void> {
    const { batch, hold, failed } = this.#running;
    for (const record of unrun) batch.observer.returned(record, reason);
    // Last first: a group's later messages are there again before its first can be received.
    const comeBack = [...unrun.toReversed().map((record) => ({ record, delaySeconds: 0 })), ...retries];
    for (const { record } of comeBack) failed.add(record.messageId);
    await hold.letGo(comeBack.filter(hasDelay));
    this.#onLaneEnd();
  }
}

/** The Scheduler may be early by less than the minute that it counts in, clocks by less than a second. */
function isTooEarly({ dueAtMs }: BatchRecord, now: number): boolean {
  return dueAtMs !== null && now + CLOCK_SKEW_MS < dueAtMs;
}

function isTooLate({ expiresAtMs }: BatchRecord, now: number): boolean {
  return expiresAtMs !== null && now >= expiresAtMs;
}

function areTimely(step: BatchRecord[], now: number): boolean {
  for (const record of step) if (isTooEarly(record, now) || isTooLate(record, now)) return false;
  return true;
}

function secondsUntilDue({ dueAtMs }: BatchRecord, now: number): number {
  return Math.min(Math.ceil(((dueAtMs ?? now) - now) / 1_000), MAX_RETRY_DELAY_SECONDS);
}

function endsItsProcess(record: BatchRecord): boolean {
  return record.receivedCount > record.maxAttempts + RECEIVES_BEYOND_ATTEMPTS;
}

function hasDelay<R>(retry: Retry<R>): retry is Retry<R> & { delaySeconds: number } {
  return retry.delaySeconds !== null;
}

function isRetry<R>(conclusion: Conclusion<R>): conclusion is Retry<R> {
  return conclusion !== null;
}
