/** What each field of a cron expression allows, sorted. */
export type CronFields = {
  minutes: number[];
  hours: number[];
  /** Null: any. With `daysOfWeek`, a day that is in either counts, as cron has it. */
  daysOfMonth: number[] | null;
  months: number[];
  /** 0 is Sunday. Null: any. */
  daysOfWeek: number[] | null;
};

/** What is wrong with a schedule, and how to mend it. */
export type ScheduleFault = { message: string; fix: string };

type FieldRule = { what: string; min: number; max: number; names: readonly string[]; firstName: number };

const MONTH_NAMES = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const DAY_NAMES = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

const MINUTE: FieldRule = { what: "minute", min: 0, max: 59, names: [], firstName: 0 };
const HOUR: FieldRule = { what: "hour", min: 0, max: 23, names: [], firstName: 0 };
const DAY_OF_MONTH: FieldRule = { what: "day of the month", min: 1, max: 31, names: [], firstName: 0 };
const MONTH: FieldRule = { what: "month", min: 1, max: 12, names: MONTH_NAMES, firstName: 1 };
/** Sunday may be 7 as well, so that 5-7 can be written. */
const DAY_OF_WEEK: FieldRule = { what: "day of the week", min: 0, max: 7, names: DAY_NAMES, firstName: 0 };

/** The last day that a month can have, January first. */
const LAST_DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * Reads a standard five-field cron expression (POSIX crontab, with the names, steps and Sunday as 7 of Vixie cron).
 *
 * A field is `*`, or a list of values, ranges (1-5) and steps (a wildcard or a range, then /15). When both day fields
 * are given, a day that fits either counts.
 *
 * @param text - fields separated by spaces
 */
export function parseCron(text: string): CronFields | ScheduleFault {
  const given = text.trim().split(/\s+/);
  const [minute = "", hour = "", dayOfMonth = "", month = "", dayOfWeek = ""] = given;
  if (given.length !== 5)
    return {
      message: `"${text}" has ${given.length} ${given.length === 1 ? "field" : "fields"}, and cron has five.`,
      fix: "Write minute, hour, day of the month, month, day of the week; there are no seconds and no years: 0 9 * * 1-5.",
    };
  const minutes = parseField(minute, MINUTE);
  if ("message" in minutes) return minutes;
  const hours = parseField(hour, HOUR);
  if ("message" in hours) return hours;
  const days = parseField(dayOfMonth, DAY_OF_MONTH);
  if ("message" in days) return days;
  const months = parseField(month, MONTH);
  if ("message" in months) return months;
  const weekdays = parseField(dayOfWeek, DAY_OF_WEEK);
  if ("message" in weekdays) return weekdays;
  const fields: CronFields = {
    minutes,
    hours,
    months,
    ...eitherDay(
      dayOfMonth === "*" ? null : days,
      dayOfWeek === "*" ? null : [...new Set(weekdays.map((day) => day % 7))].sort((a, b) => a - b),
    ),
  };
  if (!canEverRun(fields))
    return {
      message: `"${text}" never comes: none of its months has such a day.`,
      fix: 'Mend the day of the month, or write "never" for a schedule that only runs when it is asked to.',
    };
  return fields;
}

/** A day field that names every day is as good as none; beside another one, every day fits. */
function eitherDay(
  daysOfMonth: number[] | null,
  daysOfWeek: number[] | null,
): Pick<CronFields, "daysOfMonth" | "daysOfWeek"> {
  const isEveryDay = daysOfMonth?.length === 31 || daysOfWeek?.length === 7;
  return isEveryDay ? { daysOfMonth: null, daysOfWeek: null } : { daysOfMonth, daysOfWeek };
}

function canEverRun({ daysOfMonth, daysOfWeek, months }: CronFields): boolean {
  return daysOfMonth === null || daysOfWeek !== null || hasAnyDay(daysOfMonth, months);
}

/** @returns whether any of these months has any of these days, in a leap year */
export function hasAnyDay(daysOfMonth: readonly number[], months: readonly number[]): boolean {
  const first = Math.min(...daysOfMonth);
  return months.some((month) => first <= (LAST_DAYS[month - 1] ?? 0));
}

function parseField(text: string, rule: FieldRule): number[] | ScheduleFault {
  const values = new Set<number>();
  for (const item of text.split(",")) {
    const parsed = parseItem(item, rule);
    if ("message" in parsed) return parsed;
    for (const value of parsed) values.add(value);
  }
  return [...values].sort((a, b) => a - b);
}

function parseItem(item: string, rule: FieldRule): number[] | ScheduleFault {
  const { what, min, max } = rule;
  const [range = "", step, ...tooMany] = item.split("/");
  const everySoMany = step === undefined ? 1 : /^\d+$/.test(step) ? Number(step) : 0;
  const lastValue = rule === DAY_OF_WEEK ? 6 : max;
  const longest = lastValue - min + 1;
  if (tooMany.length > 0 || everySoMany < 1 || everySoMany > longest)
    return fault(item, rule, `A step is a whole number from 1 to ${longest}: */${rule === MINUTE ? 15 : 2}.`);
  const [from = "", to, ...more] = range.split("-");
  if (range === "*") return valuesFrom(min, lastValue, everySoMany);
  const first = numberOf(from, rule);
  const last = to === undefined ? first : numberOf(to, rule);
  if (first === null || last === null || more.length > 0) {
    const foreign = /[?LW#]/i.test(item) && rule.names.every((name) => !item.toUpperCase().includes(name));
    return fault(
      item,
      rule,
      foreign
        ? "Standard cron has no ?, L, W or #: write * for any, or the numbers."
        : `Write *, numbers from ${min} to ${max}${namesOf(rule)}, ranges (1-5), or steps (*/15).`,
    );
  }
  if (to === undefined && step !== undefined)
    return fault(item, rule, `A step needs a range: ${from}-${max}/${step}, or */${step}.`);
  // At the end of a range, SUN is 7: FRI-SUN.
  const end = to?.toUpperCase() === "SUN" ? 7 : last;
  if (end < first)
    return fault(item, rule, `The ${what} ${from} comes after ${to}: write two ranges with a comma.`);
  return valuesFrom(first, end, everySoMany);
}

function valuesFrom(first: number, last: number, step: number): number[] {
  const values: number[] = [];
  for (let value = first; value <= last; value += step) values.push(value);
  return values;
}

function numberOf(text: string, { min, max, names, firstName }: FieldRule): number | null {
  const name = names.indexOf(text.toUpperCase());
  if (name !== -1) return name + firstName;
  if (!/^\d{1,2}$/.test(text)) return null;
  const value = Number(text);
  return value >= min && value <= max ? value : null;
}

function namesOf({ names }: FieldRule): string {
  return names.length > 0 ? ` or names (${names[0]} to ${names.at(-1)})` : "";
}

function fault(item: string, { what }: FieldRule, fix: string): ScheduleFault {
  return { message: `"${item}" is no ${what} of a cron expression.`, fix };
}
