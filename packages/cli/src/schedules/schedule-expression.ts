import { type CronFields, parseCron, type ScheduleFault } from "./cron-fields.js";
import { type IntervalUnit, parseReadable } from "./readable-schedule.js";

/** When a schedule runs, as it was understood. Plain data, and the same for the same text. */
export type ScheduleExpression = {
  /** As it stands in the file: "weekdays at 9:00". */
  text: string;
} & (
  | { kind: "cron" /** Standard five-field cron: "0 9 * * 1-5". */; cron: string; fields: CronFields }
  /** An interval that cron cannot say ("every 45 minutes"), counted from when the schedule was made. */
  | { kind: "rate"; every: number; unit: IntervalUnit }
  /** Runs only when it is asked to. */
  | { kind: "never" }
);

/**
 * Reads the text of `export const schedule`: standard five-field cron, a readable form, or "never".
 *
 * @returns the schedule, or what is wrong with it
 */
export function parseSchedule(text: string): ScheduleExpression | ScheduleFault {
  const trimmed = text.trim();
  if (/^never$/i.test(trimmed)) return { text, kind: "never" };
  if (/^(?:cron|rate|at)\s*\(/i.test(trimmed))
    return {
      message: `"${text}" is written as AWS writes schedules.`,
      fix: 'Write standard five-field cron, without a year, ? or cron( ): "0 9 * * 1-5" is nine on weekdays.',
    };
  // Words begin with a letter; a cron expression begins with a minute.
  if (/^[^a-z@]/i.test(trimmed)) return fromCron(text, trimmed);
  const readable = parseReadable(trimmed);
  if ("message" in readable) return readable;
  return readable.kind === "cron" ? fromCron(text, readable.cron) : { text, ...readable };
}

function fromCron(text: string, given: string): ScheduleExpression | ScheduleFault {
  const fields = parseCron(given);
  const cron = given.replace(/\s+/g, " ").toUpperCase();
  return "message" in fields ? fields : { text, kind: "cron", cron, fields };
}

/** @returns what handlers are told: cron, or the text where cron cannot say it */
export function cronTextOf(expression: ScheduleExpression): string {
  return expression.kind === "cron" ? expression.cron : expression.text;
}
