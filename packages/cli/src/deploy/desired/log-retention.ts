import { LOG_RETENTION_DAYS } from "../limits.js";

const DAY_SECONDS = 86_400;

/**
 * The next period that CloudWatch Logs offers: nothing is deleted before it was meant to be.
 *
 * @returns days; the longest where none is long enough
 */
export function logRetentionDays(seconds: number): number {
  const days = Math.ceil(seconds / DAY_SECONDS);
  return LOG_RETENTION_DAYS.find((offered) => offered >= days) ?? 3_653;
}
