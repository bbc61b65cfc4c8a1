import type { ScheduleSettings } from "@queue-run/runtime/config";
import { functionTimeoutSeconds } from "@queue-run/runtime/lambda/queue";

/** Least age at which Lambda drops an event that it could not run. Lambda API Reference, MaximumEventAgeInSeconds. */
const MIN_EVENT_AGE_SECONDS = 60;
/** Most. The same page. */
const MAX_EVENT_AGE_SECONDS = 21_600;
/** Lambda waits one minute before the second attempt and two before the third. Developer Guide, "Asynchronous invocation". */
const RETRY_WAITS_SECONDS = [60, 120];

/** How a schedule's function is set so that runs overlap, and failed ones are retried, as the schedule says. */
export type ScheduleFunctionSettings = {
  timeoutSeconds: number;
  reservedConcurrency: number | null;
  asyncInvocation: { maximumRetryAttempts: number; maximumEventAgeSeconds: number };
};

/**
 * A run that falls due while another one goes on finds no room where runs must not overlap, and is dropped when it is
 * too old. With retries it has to be kept for as long as they may take, so that it may run late instead.
 */
export function scheduleFunctionSettings({
  timeoutSeconds,
  retries,
  overlap,
}: Pick<ScheduleSettings, "timeoutSeconds" | "retries" | "overlap">): ScheduleFunctionSettings {
  const functionTimeout = functionTimeoutSeconds({ timeoutSeconds, batchSize: 1 }, false);
  const waits = RETRY_WAITS_SECONDS.slice(0, retries).reduce((sum, seconds) => sum + seconds, 0);
  const withRetries = (retries + 1) * functionTimeout + waits;
  return {
    timeoutSeconds: functionTimeout,
    reservedConcurrency: overlap === "skip" ? 1 : null,
    asyncInvocation: {
      maximumRetryAttempts: retries,
      maximumEventAgeSeconds:
        retries === 0 ? MIN_EVENT_AGE_SECONDS : Math.min(withRetries, MAX_EVENT_AGE_SECONDS),
    },
  };
}
