import { runInScope } from "../context/invocation-scope.js";
import { jobTimedOut } from "../errors/job-errors.js";
import { notTracked } from "../errors/record-errors.js";
import { emitLifecycle } from "../log/lifecycle-events.js";
import { labelOfScope } from "../log/scope-label.js";
import { currentTracer, type Span } from "../telemetry/tracer.js";
import { type ControllingCall, JobControl } from "./job-control.js";
import type { JobRecord } from "./job-record.js";
import { JobScope, traceOfRecord } from "./job-scope.js";
import type { BatchCall } from "./run-batch.js";
import type { JobRunner } from "./run-jobs.js";
import { DONE, type Verdict, verdictOfThrown } from "./verdict.js";

/** Of the time that a call had, the share in which its pushes may still be sent after its time was up. */
const SETTLE_SHARE_AFTER_TIMEOUT = 1 / 4;
const SETTLE_AFTER_TIMEOUT_MAX_MS = 2_000;

/** Calls the user's function for the jobs of a call. May throw, may never return. */
export type Invoke = (call: ControllingCall) => unknown;

/**
 * Runs a user's function and gives a verdict for each of its jobs: by what the handler recorded (`ack`, `retry`,
 * `fail`), else by how it ended. Returning is done, throwing is a retry, and so is running out of time, even when the
 * function never returns. Everything that the function pushed is sent before its outcome counts; a push that failed and
 * that nobody awaited fails the call.
 *
 * Callbacks instead of promises: this runs for every job, and a promise costs more than the rest of it.
 *
 * @param call - its jobs, and who is told what becomes of them: once, and maybe before `startCall` returns
 */
export function startCall(runner: JobRunner, call: BatchCall<JobRecord>, invoke: Invoke): void {
  new RunningCall(runner, call).start(invoke);
}

/** A call is the scope of what runs in it. When it is closed, nothing that the function does counts any more. */
class RunningCall extends JobScope implements ControllingCall {
  readonly #runner: JobRunner;
  readonly #call: BatchCall<JobRecord>;
  /** Of the jobs whose metadata the function has looked at. */
  #controls: Map<JobRecord, JobControl> | null = null;
  #controller: AbortController | null = null;
  /** `onEnd` was called, or will be, without regard to how the function ends. */
  #isDecided = false;
  #span: Span | null = null;

  constructor(runner: JobRunner, call: BatchCall<JobRecord>) {
    super(call.records, runner);
    this.#runner = runner;
    this.#call = call;
  }

  /** Made when somebody asks for it; aborted when time is up and when the function has ended. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.isClosed) this.#controller.abort();
    return this.#controller.signal;
  }

  control(record: JobRecord): JobControl {
    const control = new JobControl(record, this);
    this.#controls ??= new Map();
    this.#controls.set(record, control);
    return control;
  }

  acked(control: JobControl): void {
    if (!this.hasPushed) {
      this.#call.onAcked(control.record);
      return;
    }
    control.ackSent = this.pushes.settle().then(
      () => {
        control.ackVerdict = DONE;
        this.#call.onAcked(control.record);
      },
      (error) => {
        control.ackVerdict = verdictOfThrown(error);
      },
    );
  }

  progress(record: JobRecord, value: unknown): Promise<void> {
    const { tracking } = this.#runner;
    if (tracking) return tracking.progress(record, value);
    return Promise.reject(notTracked(this.handler, "metadata.progress()"));
  }

  start(invoke: Invoke): void {
    this.#runner.timeLimits.add(this.#call.untilMs, this);
    let result: unknown;
    try {
      const span = this.#startSpan();
      const run: Invoke = span ? (call) => span.run(() => invoke(call)) : invoke;
      result = runInScope<ControllingCall, unknown>(this, run);
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

  /** Its trace is what the jobs' pushes and log lines carry. */
  #startSpan(): Span | null {
    const tracer = currentTracer();
    if (!tracer) return null;
    const { records } = this.#call;
    const { handler: queueName, requestId } = this;
    this.#span = tracer.jobs({ queueName, requestId, records, traces: records.map(traceOfRecord) });
    if (this.#span) this.trace = this.#span.trace;
    return this.#span;
  }

  #returned(value: unknown): void {
    this.#ended(value === undefined ? DONE : { kind: "done", value });
  }

  #ended(verdict: Verdict): void {
    this.close();
    if (this.#isDecided) return;
    if (!this.hasPushed) this.#decide(verdict);
    else void this.#settle(verdict).then((settled) => this.#decide(settled));
  }

  /** Waits for what the function pushed. A push that failed as well is not what a function failed of. */
  async #settle(verdict: Verdict): Promise<Verdict> {
    let settled = verdict;
    try {
      await this.pushes.settle();
    } catch (error) {
      if (verdict.kind === "done") settled = verdictOfThrown(error);
    }
    await this.#acksSent();
    return settled;
  }

  #decide(verdict: Verdict): void {
    if (this.#isDecided) return;
    // Code that blocks the event loop keeps the timer from firing: it is the clock that counts.
    const now = this.#runner.clock.now();
    if (now >= this.#call.untilMs) {
      this.timeIsUp();
      return;
    }
    this.#isDecided = true;
    this.#call.onEnd(this.#verdicts(verdict), now);
  }

  timeIsUp(): void {
    if (this.#isDecided) return;
    this.#isDecided = true;
    this.close();
    const { records, startedAtMs } = this.#call;
    const tookMs = this.#runner.clock.now() - startedAtMs;
    const error = jobTimedOut(this.handler, records[0]?.job ?? "default", tookMs);
    const graceMs = Math.min(SETTLE_AFTER_TIMEOUT_MAX_MS, tookMs * SETTLE_SHARE_AFTER_TIMEOUT);
    const timedOut: Verdict = { kind: "retry", error, delaySeconds: null };
    void this.#lastMoment(graceMs).then(() =>
      this.#call.onEnd(this.#verdicts(timedOut), this.#runner.clock.now()),
    );
  }

  /** Gives pushes a last moment to be sent, so that what was pushed before the time was up is not lost unnoticed. */
  async #lastMoment(graceMs: number): Promise<void> {
    const { clock } = this.#runner;
    if (!this.hasPushed) return;
    const settled = this.pushes.settle().catch((error) => this.#tell(error));
    const sent = Promise.all([settled, this.#acksSent()]);
    let cancelTimer = () => {};
    const tooLate = new Promise<void>((resolve) => {
      cancelTimer = clock.at(clock.now() + graceMs, resolve);
    });
    await Promise.race([sent, tooLate]);
    cancelTimer();
  }

  override close(): void {
    super.close();
    this.#controller?.abort();
  }

  /** Resolves when what was pushed before each `ack()` has been sent, or has failed. */
  async #acksSent(): Promise<void> {
    for (const { ackSent } of this.#controls?.values() ?? []) await ackSent;
  }

  /**
   * What the handler recorded for each job, else how the call ended. An `ack()` counts when what was pushed before it is
   * sent.
   */
  #verdicts(ended: Verdict): Verdict[] {
    let isTold = ended.kind === "done";
    const verdicts = this.#call.records.map((record) => {
      const control = this.#controls?.get(record);
      const own = control?.ackSent ? control.ackVerdict : control?.verdict;
      if (!own) isTold = true;
      return own ?? ended;
    });
    if (!isTold && ended.kind !== "done") this.#tell(ended.error);
    this.#span?.end(ended.kind === "done" ? null : ended.error);
    return verdicts;
  }

  /** Something failed that no longer counts: after `ack()`, or after the time was up. */
  #tell(error: unknown): void {
    emitLifecycle("error", { error, source: labelOfScope(this) });
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
