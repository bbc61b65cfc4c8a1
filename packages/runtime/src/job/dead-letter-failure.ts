import type { ErrorDescription } from "../errors/describe-error.js";

/** The message attribute (String, JSON: `DeadLetterFailure`) that tells why a job is in the dead-letter queue. */
export const FAILURE_ATTRIBUTE = "queue-run-failure";

/** What a dead letter says about its job's failure. */
export type DeadLetterFailure = {
  /** The job's id: a message has another id in each queue. */
  jobId: string;
  queueName: string;
  /** How many attempts were made. */
  attempts: number;
  /** How often it had come back from the dead-letter queue before. */
  redrives: number;
  /** ISO 8601. */
  failedAt: string;
  /** The version of the function that made the last attempt. */
  codeVersion: string;
  error: ErrorDescription;
};

/**
 * Reads the attribute's value. Anybody may send to a queue, so what stands there is looked at before it is believed.
 *
 * @param value - undefined when the message has no such attribute
 * @returns null when it tells of no failure
 */
export function decodeFailure(value: string | null | undefined): DeadLetterFailure | null {
  if (!value) return null;
  let read: Partial<DeadLetterFailure> | null;
  try {
    read = JSON.parse(value);
  } catch {
    return null;
  }
  const { jobId, queueName, attempts, redrives, failedAt, codeVersion, error } = read ?? {};
  if (typeof jobId !== "string" || typeof error?.message !== "string") return null;
  return {
    jobId,
    queueName: String(queueName ?? ""),
    attempts: countOr0(attempts),
    redrives: countOr0(redrives),
    failedAt: String(failedAt ?? ""),
    codeVersion: String(codeVersion ?? ""),
    error: { ...error, name: String(error.name ?? "Error"), stack: error.stack ?? null },
  };
}

/**
 * @param own - how often the message's envelope says that it came back from the dead-letter queue
 * @param failure - what it says of a failure: a message of the queue itself that says so was moved back, by whatever means
 * @returns how often it has come back
 */
export function countRedrives(own: number, failure: DeadLetterFailure | null): number {
  return failure ? Math.max(own, failure.redrives) + 1 : own;
}

function countOr0(value: unknown): number {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : 0;
}
