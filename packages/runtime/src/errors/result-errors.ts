import type { JobStatus } from "../queue/queue-types.js";
import type { ErrorDescription } from "./describe-error.js";
import { QueueRunError } from "./queue-run-error.js";

const CODES = {
  failed: "QR_JOB_FAILED",
  cancelled: "QR_JOB_CANCELLED",
  expired: "QR_JOB_EXPIRED",
} as const;

/** The result of a job that ended otherwise. `details.job` is its status; the handler's error is the cause. */
export function jobDidNotComplete(
  status: keyof typeof CODES,
  job: JobStatus,
  error: ErrorDescription | null,
): QueueRunError {
  const name = `The job ${job.jobId} of the queue ${JSON.stringify(job.queueName)}`;
  const ended = {
    failed: {
      message: `${name} failed after ${job.attempt} of ${job.maxAttempts} attempts: ${error?.name}: ${error?.message}`,
      fix: "The cause is its handler's error; the job is in the dead-letter queue, from where it can be retried",
    },
    cancelled: { message: `${name} was cancelled`, fix: "Push it again where it is wanted all the same" },
    expired: {
      message: `${name} was not run in time, and has expired`,
      fix: "See whether the queue keeps up with its jobs; its `expires` and `retention` say how long they may wait",
    },
  }[status];
  return new QueueRunError({
    code: CODES[status],
    ...ended,
    ...(status === "failed" && error && { cause: toError(error) }),
    details: { job },
  });
}

/** The result of a job that there is no record of. */
export function jobUnknown(queueName: string, jobId: string): QueueRunError {
  return new QueueRunError({
    code: "QR_JOB_UNKNOWN",
    message: `The queue ${JSON.stringify(queueName)} has no record of a job ${JSON.stringify(jobId)}`,
    fix: "Ask the queue that it was pushed to, within 30 days of its end",
    details: { jobId },
  });
}

/** A job that was not done in the time that somebody waited for it. */
export function resultTimeout(
  queueName: string,
  jobId: string,
  seconds: number,
  status: string,
): QueueRunError {
  return new QueueRunError({
    code: "QR_RESULT_TIMEOUT",
    message: `The job ${jobId} of the queue ${JSON.stringify(queueName)} was ${status} after ${seconds} seconds, the time to wait for its result`,
    fix: "Wait longer with result(jobId, { timeout }), or ask for its status later",
    details: { jobId, status },
  });
}

/** A `timeout` that is not a length of time. */
export function invalidResultTimeout(queueName: string, timeout: unknown): QueueRunError {
  return new QueueRunError({
    code: "QR_INVALID_TIMEOUT",
    message: `The timeout of a result of the queue ${JSON.stringify(queueName)} is not a length of time: ${String(timeout).slice(0, 80)}`,
    fix: 'Give a number of seconds that is not negative, or a number with its unit: "30s"',
  });
}

/** The error that a handler threw, elsewhere. */
function toError({ name, message, stack, cause }: ErrorDescription): Error {
  const error = new Error(message, cause && { cause: toError(cause) });
  error.name = name;
  if (stack !== null) error.stack = stack;
  return error;
}
