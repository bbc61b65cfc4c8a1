import type { PushTracker } from "../context/invocation-scope.js";
import { jobFailed, parseRetryDelay, retryRequested } from "../errors/job-errors.js";
import { type Observation, PushPromise } from "../queue/push-promise.js";
import { refuseRecords } from "../queue/records.js";
import type { JobMetadata } from "./job-metadata.js";
import type { JobRecord } from "./job-record.js";
import { DONE, type Verdict } from "./verdict.js";

/** A job while it runs: what its handler has said of it so far. The first outcome wins. */
export type JobControl = {
  record: JobRecord;
  verdict: Verdict | null;
  /** Resolves when everything pushed before `ack()` has been sent, or has failed; null without an `ack()`. */
  acked: Promise<void> | null;
  /** What that came to: done, or a retry because a push failed. Null: not known yet. */
  ackVerdict: Verdict | null;
};

/**
 * The handler's view of a job.
 *
 * @param control - gets the outcome that the handler records
 * @param queueName - the queue's name
 * @param getSignal - makes the signal when it is first asked for
 * @param onAck - called when `ack()` is the job's outcome; resolves when what it came to is known
 * @param pushes - of the call that the job runs in
 */
export function createJobMetadata(
  control: JobControl,
  queueName: string,
  getSignal: () => AbortSignal,
  onAck: (control: JobControl) => Promise<void>,
  pushes: PushTracker,
): JobMetadata {
  const { record } = control;
  const { envelope, message } = record;
  const { attributes } = message;
  return {
    jobId: record.jobId,
    queueName,
    job: record.job,
    groupId: record.groupId,
    dedupeId: attributes.MessageDeduplicationId ?? null,
    params: envelope?.params ?? {},
    queuedAt: new Date(Number(attributes.SentTimestamp)),
    receivedCount: record.receivedCount,
    attempt: record.attempt,
    maxAttempts: record.maxAttempts,
    sequenceNumber: attributes.SequenceNumber ?? null,
    user: envelope?.userId ? { id: envelope.userId } : null,
    tag: envelope?.tag ?? null,
    get signal() {
      return getSignal();
    },
    ack() {
      if (control.verdict) return;
      control.verdict = DONE;
      control.acked = onAck(control);
    },
    retry({ delay } = {}) {
      const delaySeconds = delay === undefined ? null : parseRetryDelay(delay);
      control.verdict ??= { kind: "retry", error: retryRequested(), delaySeconds };
    },
    fail(reason) {
      control.verdict ??= { kind: "fail", error: jobFailed(reason) };
    },
    progress() {
      const refused = refuseRecords(queueName, "metadata.progress()");
      const observation: Observation = { observed: false };
      // Where nobody awaits it, the handler fails of it, as of a push: it is never an unhandled rejection.
      pushes.add(refused, () => observation.observed, { messages: 0 });
      return PushPromise.from(refused, observation);
    },
  };
}
