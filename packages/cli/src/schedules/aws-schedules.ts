import { scheduleInput } from "@queue-run/runtime/config";
import { SCHEDULER_MAX_EXPRESSION_LENGTH } from "@queue-run/runtime/limits";
import type { ScheduleDefinition } from "../project/manifest.js";
import { type CronFields, hasAnyDay } from "./cron-fields.js";
import { runTimeZone } from "./run-time-zone.js";

/** One schedule of EventBridge Scheduler, as far as its times and its target's input go. */
export type AwsSchedule = {
  /** Tells the schedules of one file apart; "" for the first or only one. No file's name has the dot. */
  nameSuffix: "" | ".weekdays";
  /** "cron(0 9 ? * 2-6 *)", "rate(45 minutes)". Scheduler API Reference, CreateSchedule. */
  scheduleExpression: string;
  scheduleExpressionTimezone: string;
  /** The target's `Input`: JSON with Scheduler's placeholders. */
  input: string;
};

/**
 * The schedules of EventBridge Scheduler that run a schedule of the project at its times, and at no others.
 *
 * Mostly one. Cron with both day fields means days that fit either; AWS takes only one of them in an expression. That
 * makes two schedules, and the second one's input names the days that are the first one's, which the function skips.
 *
 * @returns none for "never"
 */
export function awsSchedules({
  name,
  expression,
  settings: { timezone },
}: Pick<ScheduleDefinition, "name" | "expression" | "settings">): AwsSchedule[] {
  const scheduleExpressionTimezone = runTimeZone(expression, timezone);
  const schedule = (
    scheduleExpression: string,
    nameSuffix: AwsSchedule["nameSuffix"] = "",
    except: Parameters<typeof scheduleInput>[1] = null,
  ): AwsSchedule => ({
    nameSuffix,
    scheduleExpression,
    scheduleExpressionTimezone,
    input: scheduleInput(name, except),
  });
  if (expression.kind === "never") return [];
  if (expression.kind === "rate") return [schedule(`rate(${expression.every} ${expression.unit})`)];
  const { fields } = expression;
  const { daysOfMonth, daysOfWeek } = fields;
  if (daysOfMonth === null || daysOfWeek === null) return [schedule(cronExpression(fields))];
  const onWeekdays = cronExpression({ ...fields, daysOfMonth: null });
  if (!hasAnyDay(daysOfMonth, fields.months)) return [schedule(onWeekdays)];
  return [
    schedule(cronExpression({ ...fields, daysOfWeek: null })),
    schedule(onWeekdays, ".weekdays", { daysOfMonth, timezone: scheduleExpressionTimezone }),
  ];
}

/** Six fields, the last one the year. Scheduler User Guide, "Schedule types", "Cron-based schedules". */
function cronExpression(fields: CronFields): string {
  const plain = cronWith(fields, listOf);
  return plain.length <= SCHEDULER_MAX_EXPRESSION_LENGTH ? plain : cronWith(fields, rangesOf);
}

function cronWith(
  { minutes, hours, daysOfMonth, months, daysOfWeek }: CronFields,
  write: (values: readonly number[]) => string,
): string {
  const dayOfMonth = daysOfWeek === null ? (daysOfMonth === null ? "*" : write(daysOfMonth)) : "?";
  // AWS counts from 1, Sunday.
  const dayOfWeek = daysOfWeek === null ? "?" : write(daysOfWeek.map((day) => day + 1));
  const month = months.length === 12 ? "*" : write(months);
  const minute = stepsOf(minutes, 60) ?? write(minutes);
  const hour = stepsOf(hours, 24) ?? write(hours);
  return `cron(${minute} ${hour} ${dayOfMonth} ${month} ${dayOfWeek} *)`;
}

/** "*" or "0/15"; null for what is neither. */
function stepsOf(values: readonly number[], size: number): string | null {
  if (values.length === size) return "*";
  const [first = 0, second = first] = values;
  const step = second - first;
  const isStep =
    step > 1 &&
    values.length > 2 &&
    values.every((value, index) => value === first + index * step) &&
    first + values.length * step >= size;
  return isStep ? `${first}/${step}` : null;
}

/** "9", "2-6", "1,15": a range for the whole, or values one by one. */
function listOf(values: readonly number[]): string {
  const [first = 0] = values;
  const last = values.at(-1) ?? first;
  const isRange = values.length > 2 && last - first === values.length - 1;
  return isRange ? `${first}-${last}` : values.join(",");
}

/** "0-5,30,40-45": shorter than values one by one. */
function rangesOf(values: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const value of values) {
    const current = ranges.at(-1);
    if (current && value === current[1] + 1) current[1] = value;
    else ranges.push([value, value]);
  }
  return ranges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(",");
}
