import type { InvocationScope } from "../context/invocation-scope.js";
import { runInScope } from "../context/invocation-scope.js";
import { jobTimedOut } from "../errors/job-errors.js";
import type { JobClock } from "./clock.js";
import { createJobMetadata, type JobControl } from "./job-control.js";
import type { JobMetadata } from "./job-metadata.js";
import type { JobRecord } from "./job-record.js";
import { DONE, type Verdict, verdictOfThrown } from "./verdict.js";

/** Of the time that a call had, the share in which its pushes may still be sent after its time was up. */
const SETTLE_SHARE_AFTER_TIMEOUT = 1 / 4;
const SETTLE_AFTER_TIMEOUT_MAX_MS = 2_000;

/** One run of a user's function: for one job, or for several with `batch`. */
export type Call = {
  records: JobRecord[];
  queueName: string;
  /** What the function's code belongs to; its pushes are awaited before the call has an outcome. */
  scope: InvocationScope;
  /** Calls the user's function. May throw, may never return. */
  invoke: (jobs: JobMetadata[], getSignal: () => AbortSignal) => unknown;
  clock: JobClock;
  /** When its time is up, milliseconds since 1970. */
  untilMs: number;
  /** A job is done while the call goes on. */
  onAcked: (record: JobRecord) => void;
  /** Something failed that no longer counts: after `ack()`, or after the time was up. */
  onLateError: (error: unknown) => void;
};

/**
 * Runs a user's function and gives a verdict for each of its jobs: by what the handler recorded (`ack`, `retry`,
 * `fail`), else by how it ended. Returning is done, throwing is a retry, and so is running out of time, even when the
 * function never returns. Everything that the function pushed is sent before its outcome counts; a push that failed and
 * that nobody awaited fails the call.
 *
 * @returns a verdict for each job, in order; never rejects
 */
export async function runCall(call: Call): Promise<Verdict[]> {
  const { records, queueName, scope, clock, untilMs } = call;
  const { pushes } = scope;
  const startedAtMs = clock.now();
  let controller: AbortController | null = null;
  let isOver = false;
  const getSignal = () => {
    controller ??= new AbortController();
    if (isOver && !controller.signal.aborted) controller.abort();
    return controller.signal;
  };
  const onAck = (control: JobControl) =>
    pushes.settle().then(
      () => {
        control.ackVerdict = DONE;
        call.onAcked(control.record);
      },
      (error) => {
        control.ackVerdict = verdictOfThrown(error);
      },
    );
  const controls = records.map(
    (record): JobControl => ({ record, verdict: null, acked: null, ackVerdict: null }),
  );
  const metadata = controls.map((control) => createJobMetadata(control, queueName, getSignal, onAck, pushes));

  let cancelTimer = () => {};
  const timeUp = new Promise<null>((resolve) => {
    cancelTimer = clock.at(untilMs, () => resolve(null));
  });
  const end = () => {
    pushes.close();
    isOver = true;
    controller?.abort();
  };
  const ended = await Promise.race([runAndSettle(call, metadata, getSignal, end), timeUp]);
  cancelTimer();
  // Code that blocks the event loop keeps the timer from firing: it is the clock that counts.
  if (ended && clock.now() < untilMs) {
    await Promise.all(controls.map((control) => control.acked));
    return finalVerdicts(controls, ended, call);
  }

  end();
  const tookMs = clock.now() - startedAtMs;
  await settleWithin(
    call,
    controls,
    Math.min(SETTLE_AFTER_TIMEOUT_MAX_MS, tookMs * SETTLE_SHARE_AFTER_TIMEOUT),
  );
  const error = jobTimedOut(queueName, records[0]?.job ?? "default", tookMs);
  return finalVerdicts(controls, { kind: "retry", error, delaySeconds: null }, call);
}

/** Calls the user's function and waits for what it pushed. */
async function runAndSettle(
  call: Call,
  metadata: JobMetadata[],
  getSignal: () => AbortSignal,
  end: () => void,
): Promise<Verdict> {
  const { pushes } = call.scope;
  try {
    const value = await runInScope(call.scope, () => call.invoke(metadata, getSignal));
    end();
    await pushes.settle();
    return value === undefined ? DONE : { kind: "done", value };
  } catch (error) {
    end();
    // A push that failed as well is not what the handler failed of.
    await pushes.settle().catch(() => {});
    return verdictOfThrown(error);
  }
}

/** Gives pushes a last moment to be sent, so that what was pushed before the time was up is not lost unnoticed. */
async function settleWithin(call: Call, controls: JobControl[], graceMs: number): Promise<void> {
  const sent = Promise.all([
    call.scope.pushes.settle().catch(call.onLateError),
    ...controls.map(({ acked }) => acked),
  ]);
  let cancelTimer = () => {};
  const tooLate = new Promise<void>((resolve) => {
    cancelTimer = call.clock.at(call.clock.now() + graceMs, resolve);
  });
  await Promise.race([sent, tooLate]);
  cancelTimer();
}

/**
 * What the handler recorded for each job, else how the call ended. An `ack()` counts when what was pushed before it
 * is sent.
 */
function finalVerdicts(controls: JobControl[], ended: Verdict, call: Call): Verdict[] {
  let isTold = ended.kind === "done";
  const verdicts = controls.map(({ verdict, acked, ackVerdict }) => {
    const own = acked ? ackVerdict : verdict;
    if (!own) isTold = true;
    return own ?? ended;
  });
  if (!isTold && ended.kind !== "done") call.onLateError(ended.error);
  return verdicts;
}
