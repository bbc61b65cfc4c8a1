import { runInScope } from "../context/invocation-scope.js";
import { jobTimedOut } from "../errors/job-errors.js";
import type { JobClock } from "./clock.js";
import { type ControllingCall, JobControl } from "./job-control.js";
import type { JobRecord } from "./job-record.js";
import type { JobScope } from "./job-scope.js";
import type { TimeLimits } from "./time-limits.js";
import { DONE, type Verdict, verdictOfThrown } from "./verdict.js";

/** Of the time that a call had, the share in which its pushes may still be sent after its time was up. */
const SETTLE_SHARE_AFTER_TIMEOUT = 1 / 4;
const SETTLE_AFTER_TIMEOUT_MAX_MS = 2_000;

/** One run of a user's function: for one job, or for several with `batch`. */
export type CallPlan = {
  records: JobRecord[];
  /** What the function's code belongs to; its pushes are awaited before the call has an outcome. */
  scope: JobScope;
  /** Calls the user's function. May throw, may never return. */
  invoke: (controls: JobControl[], call: ControllingCall) => unknown;
  clock: JobClock;
  timeLimits: TimeLimits;
  /** When its time is up, milliseconds since 1970. */
  untilMs: number;
  /** A job is done while the call goes on. */
  onAcked: (record: JobRecord) => void;
  /** Something failed that no longer counts: after `ack()`, or after the time was up. */
  onLateError: (error: unknown) => void;
  /** Is given a verdict for each job, in order; once. May be called before `startCall` returns. */
  onEnd: (verdicts: Verdict[]) => void;
};

/**
 * Runs a user's function and gives a verdict for each of its jobs: by what the handler recorded (`ack`, `retry`,
 * `fail`), else by how it ended. Returning is done, throwing is a retry, and so is running out of time, even when the
 * function never returns. Everything that the function pushed is sent before its outcome counts; a push that failed and
 * that nobody awaited fails the call.
 *
 * Callbacks instead of promises: this runs for every job, and a promise costs more than the rest of it.
 */
export function startCall(plan: CallPlan): void {
  new RunningCall(plan).start();
}

class RunningCall implements ControllingCall {
  readonly #plan: CallPlan;
  readonly #controls: JobControl[];
  readonly #startedAtMs: number;
  #controller: AbortController | null = null;
  /** Nothing that the function does counts any more. */
  #isOver = false;
  /** `onEnd` was called, or will be, without regard to how the function ends. */
  #isDecided = false;

  constructor(plan: CallPlan) {
    this.#plan = plan;
    this.#startedAtMs = plan.clock.now();
    this.#controls = plan.records.map((record) => new JobControl(record, this));
  }

  get scope(): JobScope {
    return this.#plan.scope;
  }

  /** Made when somebody asks for it; aborted when time is up and when the function has ended. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#isOver) this.#controller.abort();
    return this.#controller.signal;
  }

  acked(control: JobControl): void {
    if (!this.scope.hasPushed) {
      this.#plan.onAcked(control.record);
      return;
    }
    control.ackSent = this.scope.pushes.settle().then(
      () => {
        control.ackVerdict = DONE;
        this.#plan.onAcked(control.record);
      },
      (error) => {
        control.ackVerdict = verdictOfThrown(error);
      },
    );
  }

  start(): void {
    const { invoke, timeLimits, untilMs, scope } = this.#plan;
    timeLimits.at(untilMs, () => this.#timeIsUp());
    let result: unknown;
    try {
      result = runInScope(scope, () => invoke(this.#controls, this));
    } catch (error) {
      this.#ended(verdictOfThrown(error));
      return;
    }
    if (isThenable(result))
      result.then(
        (value) => this.#returned(value),
        (error) => this.#ended(verdictOfThrown(error)),
      );
    else this.#returned(result);
  }

  #returned(value: unknown): void {
    this.#ended(value === undefined ? DONE : { kind: "done", value });
  }

  #ended(verdict: Verdict): void {
    this.#close();
    if (this.#isDecided) return;
    const { scope } = this.#plan;
    if (!scope.hasPushed && this.#controls.every(({ ackSent }) => ackSent === null)) this.#decide(verdict);
    else void this.#settle(verdict).then((settled) => this.#decide(settled));
  }

  /** Waits for what the function pushed. A push that failed as well is not what a function failed of. */
  async #settle(verdict: Verdict): Promise<Verdict> {
    let settled = verdict;
    try {
      await this.scope.pushes.settle();
    } catch (error) {
      if (verdict.kind === "done") settled = verdictOfThrown(error);
    }
    await Promise.all(this.#controls.map(({ ackSent }) => ackSent));
    return settled;
  }

  #decide(verdict: Verdict): void {
    if (this.#isDecided) return;
    const { clock, untilMs } = this.#plan;
    // Code that blocks the event loop keeps the timer from firing: it is the clock that counts.
    if (clock.now() >= untilMs) {
      this.#timeIsUp();
      return;
    }
    this.#isDecided = true;
    this.#plan.onEnd(this.#verdicts(verdict));
  }

  #timeIsUp(): void {
    if (this.#isDecided) return;
    this.#isDecided = true;
    this.#close();
    const { records, scope, clock, onEnd } = this.#plan;
    const tookMs = clock.now() - this.#startedAtMs;
    const error = jobTimedOut(scope.handler, records[0]?.job ?? "default", tookMs);
    const graceMs = Math.min(SETTLE_AFTER_TIMEOUT_MAX_MS, tookMs * SETTLE_SHARE_AFTER_TIMEOUT);
    void this.#lastMoment(graceMs).then(() =>
      onEnd(this.#verdicts({ kind: "retry", error, delaySeconds: null })),
    );
  }

  /** Gives pushes a last moment to be sent, so that what was pushed before the time was up is not lost unnoticed. */
  async #lastMoment(graceMs: number): Promise<void> {
    const { scope, clock, onLateError } = this.#plan;
    if (!scope.hasPushed) return;
    const sent = Promise.all([
      scope.pushes.settle().catch(onLateError),
      ...this.#controls.map(({ ackSent }) => ackSent),
    ]);
    let cancelTimer = () => {};
    const tooLate = new Promise<void>((resolve) => {
      cancelTimer = clock.at(clock.now() + graceMs, resolve);
    });
    await Promise.race([sent, tooLate]);
    cancelTimer();
  }

  #close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#plan.scope.close();
    this.#controller?.abort();
  }

  /**
   * What the handler recorded for each job, else how the call ended. An `ack()` counts when what was pushed before it is
   * sent.
   */
  #verdicts(ended: Verdict): Verdict[] {
    let isTold = ended.kind === "done";
    const verdicts = this.#controls.map(({ verdict, ackSent, ackVerdict }) => {
      const own = ackSent ? ackVerdict : verdict;
      if (!own) isTold = true;
      return own ?? ended;
    });
    if (!isTold && ended.kind !== "done") this.#plan.onLateError(ended.error);
    return verdicts;
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
