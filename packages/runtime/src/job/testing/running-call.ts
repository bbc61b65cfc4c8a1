import { vi } from "vitest";
import { defaultQueueSettings } from "../../config/queue-config.js";
import { currentScope, type InvocationScope } from "../../context/invocation-scope.js";
import { onLifecycle } from "../../log/lifecycle-events.js";
import { createJobMetadata } from "../job-control.js";
import type { JobMetadata } from "../job-metadata.js";
import { toJobRecord } from "../job-record.js";
import { readQueueHandlers } from "../queue-handlers.js";
import { startCall } from "../start-call.js";
import { createTimeLimits } from "../time-limits.js";
import type { Verdict } from "../verdict.js";
import { createFakeClock } from "./fake-clock.js";
import { sqsRecord } from "./sqs-event.js";

/** A handler, as these tests write one. */
export type Invoke = (jobs: JobMetadata[], getSignal: () => AbortSignal) => unknown;

/** Runs a function as the handler of that many jobs, with 60 seconds. */
export function call(invoke: Invoke, jobs = 1) {
  const fn = { name: "test", fifo: false, settings: defaultQueueSettings(false), load: async () => ({}) };
  const records = Array.from({ length: jobs }, (_, index) =>
    toJobRecord(sqsRecord({ id: `m${index}` }), fn, false),
  );
  const clock = createFakeClock();
  const onAcked = vi.fn();
  const lateErrors: unknown[] = [];
  const stop = onLifecycle("error", ({ error }) => lateErrors.push(error));
  const runner = {
    fn,
    handlers: readQueueHandlers({}, "test"),
    requestId: "request",
    clock,
    timeLimits: createTimeLimits(clock),
    tracking: null,
  };
  const startedAtMs = clock.now();
  const scopes: InvocationScope[] = [];
  const verdicts = new Promise<Verdict[]>((onEnd) =>
    startCall(runner, { records, startedAtMs, untilMs: startedAtMs + 60_000, onAcked, onEnd }, (running) => {
      scopes.push(running);
      return invoke(
        records.map((record) => createJobMetadata(running, record)),
        () => running.signal,
      );
    }),
  ).finally(stop);
  return { verdicts, clock, scopes, onAcked, lateErrors };
}

/** A push that the test ends, and that nobody awaits. */
export function push() {
  let resolve = () => {};
  let reject: (error: unknown) => void = () => {};
  const sent = new Promise<void>((resolveSent, rejectSent) => {
    resolve = resolveSent;
    reject = rejectSent;
  });
  currentScope()?.pushes.add(sent, () => false);
  return { resolve, reject };
}

/** A handler's wait that never ends. */
export const never = () => new Promise(() => {});
