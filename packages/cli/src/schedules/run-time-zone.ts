import type { ScheduleExpression } from "./schedule-expression.js";
import { hasWholeHours } from "./time-zones.js";

/**
 * The time zone that a schedule's times are reckoned in. Where every hour of every day is alike and the zone's clocks
 * show UTC's minutes, it is UTC: "every 15 minutes" then runs on through the hour that clocks skip or repeat.
 */
export function runTimeZone(expression: ScheduleExpression, timezone: string): string {
  if (expression.kind !== "cron") return "UTC";
  const { hours, daysOfMonth, months, daysOfWeek } = expression.fields;
  const isEveryHour =
    hours.length === 24 && months.length === 12 && daysOfMonth === null && daysOfWeek === null;
  return isEveryHour && hasWholeHours(timezone) ? "UTC" : timezone;
}
