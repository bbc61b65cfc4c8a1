import type { ScheduleExpression } from "./schedule-expression.js";
import { hasWholeHours } from "./time-zones.js";

/**
 * The time zone that a schedule's times are reckoned in. Where every hour of every day is alike and the zone's clocks
 * show UTC's minutes, it is UTC: "every 15 minutes" then runs on through the hour that clocks skip or repeat.
 */
export function runTimeZone(expression: ScheduleExpression, timezone: string): string {
  const isTimeless = expression.kind !== "cron" || (isEveryHour(expression) && hasWholeHours(timezone));
  return isTimeless ? "UTC" : timezone;
}

/** @returns whether every hour of every day is alike, so that hardly any time zone makes a difference */
export function isEveryHour(expression: ScheduleExpression): boolean {
  if (expression.kind !== "cron") return true;
  const { hours, daysOfMonth, months, daysOfWeek } = expression.fields;
  return hours.length === 24 && months.length === 12 && daysOfMonth === null && daysOfWeek === null;
}
