import type { CronFields } from "./cron-fields.js";
import type { ScheduleExpression } from "./schedule-expression.js";

const DAY_MS = 86_400_000;
const UNIT_MS = { minutes: 60_000, hours: 3_600_000, days: DAY_MS };

/**
 * How often a schedule runs in some days, as far as an estimate needs it: days are UTC's, and clocks that change are
 * left out.
 *
 * @param firstDayMs - midnight, UTC
 */
export function countRuns(
  expression: ScheduleExpression,
  { firstDayMs, days }: { firstDayMs: number; days: number },
): number {
  if (expression.kind === "never") return 0;
  if (expression.kind === "rate")
    return Math.floor((days * DAY_MS) / (expression.every * UNIT_MS[expression.unit]));
  const { fields } = expression;
  const dates = Array.from({ length: days }, (_, day) => new Date(firstDayMs + day * DAY_MS));
  return dates.filter((date) => runsOn(date, fields)).length * fields.hours.length * fields.minutes.length;
}

/** Cron's own rule: with both day fields, a day that fits either. */
function runsOn(date: Date, { daysOfMonth, months, daysOfWeek }: CronFields): boolean {
  if (!months.includes(date.getUTCMonth() + 1)) return false;
  if (daysOfMonth === null && daysOfWeek === null) return true;
  return (
    (daysOfMonth?.includes(date.getUTCDate()) ?? false) || (daysOfWeek?.includes(date.getUTCDay()) ?? false)
  );
}
