import type { ScheduleSettings } from "@queue-run/runtime/config";
import { scheduleFunctionTimeoutSeconds } from "@queue-run/runtime/config";

/**
 * How long Lambda keeps a run for which it finds no room: one that is far too late is worse than one left out. The waits
 * and the attempts of the most retries that there are take less.
 */
const EVENT_AGE_SECONDS = 3_600;

/** How a schedule's function is set so that it has its time, and that failed runs are retried as the schedule says. */
export type ScheduleFunctionSettings = {
  timeoutSeconds: number;
  asyncInvocation: { maximumRetryAttempts: number; maximumEventAgeSeconds: number };
};

/** @returns what Lambda is told of a schedule's function, beside what it is told of every function */
export function scheduleFunctionSettings(settings: ScheduleSettings): ScheduleFunctionSettings {
  return {
    timeoutSeconds: scheduleFunctionTimeoutSeconds(settings),
    asyncInvocation: {
      maximumRetryAttempts: settings.retries,
      maximumEventAgeSeconds: EVENT_AGE_SECONDS,
    },
  };
}
