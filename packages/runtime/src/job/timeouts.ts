import type { QueueSettings } from "../config/queue-config.js";
import { LAMBDA_MAX_TIMEOUT_SECONDS } from "../limits/index.js";

/** What a function has beyond its jobs' own time: for loading, for reporting, for the last pushes. */
const FUNCTION_TIMEOUT_MARGIN_SECONDS = 10;

/** AWS's advice for a queue that feeds a function. Lambda Developer Guide, "Using Lambda with Amazon SQS". */
const VISIBILITY_PER_FUNCTION_TIMEOUT = 6;

/**
 * The timeout of a queue's function: what one delivery may need. A standard queue's jobs run together; the jobs of a
 * FIFO delivery may all belong to one group and then run one after another.
 *
 * @returns seconds, at most what Lambda allows
 */
export function functionTimeoutSeconds(
  settings: Pick<QueueSettings, "timeoutSeconds" | "batchSize">,
  fifo: boolean,
): number {
  const sequentialJobs = fifo ? settings.batchSize : 1;
  const needed = Math.ceil(settings.timeoutSeconds * sequentialJobs) + FUNCTION_TIMEOUT_MARGIN_SECONDS;
  return Math.min(needed, LAMBDA_MAX_TIMEOUT_SECONDS);
}

/**
 * The timeout of a schedule's function: its run's, and time to load and to send the last pushes.
 *
 * @returns seconds, at most what Lambda allows
 */
export function scheduleFunctionTimeoutSeconds({ timeoutSeconds }: { timeoutSeconds: number }): number {
  return functionTimeoutSeconds({ timeoutSeconds, batchSize: 1 }, false);
}

/**
 * The visibility timeout of a queue: six times its function's timeout and the batch window, so that a message never
 * comes back while the function that holds it may still be running.
 *
 * @returns seconds
 */
export function visibilityTimeoutSeconds(
  settings: Pick<QueueSettings, "timeoutSeconds" | "batchSize" | "batchWindowSeconds">,
  fifo: boolean,
): number {
  const functionTimeout = functionTimeoutSeconds(settings, fifo);
  return VISIBILITY_PER_FUNCTION_TIMEOUT * functionTimeout + Math.ceil(settings.batchWindowSeconds);
}

/**
 * The part of an invocation that is kept back to report: to set visibilities, to delete, to dead-letter.
 *
 * @param invocationMs - how long the invocation may last
 * @returns milliseconds: five seconds, or a quarter of a short invocation
 */
export function reportingReserveMs(invocationMs: number): number {
  return Math.min(5_000, invocationMs / 4);
}
