import { MAX_RETRY_DELAY_SECONDS } from "../job/backoff.js";
import { type Duration, durationInSeconds } from "../values/duration.js";
import { QueueRunError, type QueueRunErrorDetails } from "./queue-run-error.js";

/**
 * Makes an error that says: this attempt failed, come back after `delay`. For throwing from deep inside a handler,
 * where its metadata is out of reach.
 *
 * @param delay - seconds or "5m"; at most 11 hours
 * @throws QueueRunError `QR_RETRY_DELAY` when it is not a delay
 */
export function retryAfter(delay: Duration): QueueRunError {
  const delaySeconds = parseRetryDelay(delay);
  return new QueueRunError({
    code: "QR_RETRY_AFTER",
    message: `The handler asked to be run again after ${delaySeconds} s.`,
    details: { delaySeconds },
  });
}

/**
 * Makes an error that says: no more attempts, this job cannot succeed. For throwing from deep inside a handler.
 *
 * @param reason - what is wrong, or the error that says so (kept as `cause`)
 */
export function fatal(reason: string | Error): QueueRunError {
  return new QueueRunError({
    code: "QR_FATAL",
    message: reason instanceof Error ? reason.message : String(reason),
    cause: reason instanceof Error ? reason : undefined,
  });
}

/**
 * @returns whole seconds, rounded up
 * @throws QueueRunError `QR_RETRY_DELAY`
 */
export function parseRetryDelay(delay: unknown): number {
  const seconds = durationInSeconds(delay);
  if (seconds !== null && seconds <= MAX_RETRY_DELAY_SECONDS) return Math.ceil(seconds);
  throw new QueueRunError({
    code: "QR_RETRY_DELAY",
    message: `${JSON.stringify(delay) ?? String(delay)} is not a delay for a retry.`,
    fix: `Give seconds or a duration such as "5m", from 0 to ${MAX_RETRY_DELAY_SECONDS / 3_600} hours.`,
  });
}

/** The error of a job whose handler called `retry()` and gave no error. */
export function retryRequested(): QueueRunError {
  return withoutStack({ code: "QR_RETRY_REQUESTED", message: "The handler asked for another attempt." });
}

/** The error of a job whose handler called `fail(reason)`. An error given as the reason is itself the error. */
export function jobFailed(reason: unknown): unknown {
  if (reason instanceof Error) return reason;
  const message = reason === undefined ? "The handler said that this job failed." : String(reason);
  return new QueueRunError({ code: "QR_JOB_FAILED", message });
}

/** An attempt took longer than the queue's `timeout`. */
export function jobTimedOut(queueName: string, job: string, afterMs: number): QueueRunError {
  const which = job === "default" ? "The job" : `The job "${job}"`;
  return withoutStack({
    code: "QR_JOB_TIMEOUT",
    message: `${which} of the queue "${queueName}" did not finish within ${Math.round(afterMs / 100) / 10} s.`,
    fix: `Do less in one job, pass \`metadata.signal\` on to what it waits for, or raise \`config.timeout\` in queues/${queueName}.ts (at most 890 s).`,
  });
}

/** A message asks for a job that the queue's file does not export. */
export function unknownJob(queueName: string, job: string, available: string[]): QueueRunError {
  const exported =
    available.length > 0 ? `It has: ${available.join(", ")}.` : "It exports no handler at all.";
  return withoutStack({
    code: "QR_UNKNOWN_JOB",
    message:
      job === "default"
        ? `queues/${queueName} exports neither a default function nor \`batch\`, so this job cannot run. ${exported}`
        : `queues/${queueName} exports no function "${job}", so this job cannot run. ${exported}`,
    fix:
      job === "default"
        ? `Export a handler from queues/${queueName}.ts: export default async function (payload, metadata) { … }`
        : `Export it from queues/${queueName}.ts: export async function ${job}(payload, metadata) { … }`,
  });
}

/** A queued payload does not fit the queue's schema. */
export function queuedPayloadInvalid(queueName: string, issues: unknown): QueueRunError {
  return withoutStack({
    code: "QR_PAYLOAD_SCHEMA",
    message: `A payload in the queue "${queueName}" does not fit the queue's schema.`,
    fix: `See the issues; mend the sender, or widen the schema in queues/${queueName}.ts.`,
    details: { issues },
  });
}

/** A message carries our attribute, but not one that this version can read. */
export function unreadableMessage(queueName: string, cause: unknown): QueueRunError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return withoutStack({
    code: "QR_UNREADABLE_MESSAGE",
    message: `A message in the queue "${queueName}" cannot be read: ${why}`,
    fix: 'Send messages from outside without the attribute "queue-run", or use a queue-run of this version to push.',
    cause,
  });
}

/** A chain of jobs that push jobs has grown longer than `limits.hops`. */
export function chainTooLong(queueName: string, hops: number, limit: number): QueueRunError {
  return withoutStack({
    code: "QR_TOO_MANY_HOPS",
    message: `This job of the queue "${queueName}" is number ${hops} in a chain of jobs that push jobs; the limit is ${limit}.`,
    fix: `End the chain, or raise \`config.limits.hops\` in queues/${queueName}.ts.`,
    details: { hops, limit },
  });
}

/** SQS had not answered when the invocation had to report. */
export function sqsTooSlow(): QueueRunError {
  return withoutStack({
    code: "QR_SQS_TOO_SLOW",
    message:
      "SQS did not answer before the function's time was nearly up; the message comes back by its visibility timeout.",
    fix: "See whether the function can reach SQS (a VPC needs an endpoint or a NAT gateway).",
  });
}

/** The process that held a job ended before it could report, again and again. */
export function processEnded(queueName: string, times: number): QueueRunError {
  return withoutStack({
    code: "QR_PROCESS_ENDED",
    message: `This job of the queue "${queueName}" was delivered ${times} times without an outcome: its process ended (out of memory, process.exit, a crash) before it could report.`,
    fix: "See the logs of those times; give the function more memory with `config.memory`, or find what ends the process.",
    details: { times },
  });
}

/** An error that is nobody's code's: its stack would show where in queue-run it was noticed, and mislead. */
function withoutStack(details: QueueRunErrorDetails): QueueRunError {
  const error = new QueueRunError(details);
  error.stack = `${error.name}: ${error.message}`;
  return error;
}
