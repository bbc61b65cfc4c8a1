import type { ScheduleFault } from "./cron-fields.js";

/** What a readable form comes to: cron, or an interval that cron cannot say. */
export type ReadableSchedule =
  | { kind: "cron"; cron: string }
  | { kind: "rate"; every: number; unit: IntervalUnit };

/** Units of an interval. */
export type IntervalUnit = "minutes" | "hours" | "days";

type DayFields = { dayOfMonth: string; month: string; dayOfWeek: string };

const DAYS = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];
const EVERY_DAY: DayFields = { dayOfMonth: "*", month: "*", dayOfWeek: "*" };
/** Longest interval, in days. */
const MAX_INTERVAL_DAYS = 365;

/** The forms that there are, for messages. */
const FORMS =
  'Write five-field cron ("0 9 * * 1-5"), or one of "every 15 minutes", "hourly", "daily", "daily at 9:00", "weekdays at 9:00", "mondays and thursdays at 8:30", "weekly", "monthly", "monthly on the 15th at 9:00", "yearly", "never".';

/**
 * Reads a schedule in words. In upper or lower case:
 *
 * ```
 * schedule := interval | "hourly" ["at" ":" minutes] | days ["at" times]
 * interval := "every" [number] ("minute" | "hour" | "day") ["s"]
 * days     := "daily" | "every day" | "weekdays" | "weekends" | names | "weekly" ["on" names]
 *           | "monthly" ["on" ["the"] numbers] | "yearly" | "annually"
 * names    := names of days: "monday", "mondays", "every mon", with "," and "and" between them
 * numbers  := "1st", "15", "1st and 15th"
 * times    := time, with "," and "and" between them, of the same minute
 * time     := "9:00" | "17:30" | "9am" | "9:30 pm" | "noon" | "midnight"
 * ```
 *
 * Without a time it is midnight; `weekly` is on Sunday, `monthly` on the 1st, `yearly` on the 1st of January, as
 * cron's own `@weekly`, `@monthly` and `@yearly` have it.
 */
export function parseReadable(text: string): ReadableSchedule | ScheduleFault {
  const words = text.trim().toLowerCase().replace(/\s+/g, " ").replace(/^@/, "");
  const interval = /^every(?: (\d+))? (second|minute|hour|day)s?$/.exec(words);
  if (interval?.[2]) return parseInterval(text, Number(interval[1] ?? 1), interval[2]);
  const [subject = "", at, ...more] = words.split(" at ");
  if (more.length > 0) return unknown(text);
  if (subject === "hourly" || subject === "every hour") return parseHourly(text, at);
  const days = parseDays(subject);
  if (days === null) return unknown(text);
  const times = parseTimes(at ?? "midnight");
  return "message" in times ? times : cronOf(times.minute, times.hours, days);
}

function parseInterval(text: string, every: number, unit: string): ReadableSchedule | ScheduleFault {
  if (unit === "second")
    return {
      message: `"${text}" is more often than AWS runs schedules, which is once a minute.`,
      fix: 'Write "every minute", and let the job do its work several times; or push jobs with a delay.',
    };
  const minutes = every * { minute: 1, hour: 60, day: 1_440 }[unit as "minute" | "hour" | "day"];
  if (minutes < 1 || minutes > MAX_INTERVAL_DAYS * 1_440)
    return {
      message: `"${text}" is not an interval from a minute to ${MAX_INTERVAL_DAYS} days.`,
      fix: FORMS,
    };
  if (60 % minutes === 0) return cronOf(minutes === 1 ? "*" : minutes === 60 ? "0" : `*/${minutes}`, "*");
  if (minutes % 60 !== 0) return { kind: "rate", every: minutes, unit: "minutes" };
  const hours = minutes / 60;
  if (24 % hours === 0) return cronOf("0", hours === 24 ? "0" : `*/${hours}`);
  return hours % 24 === 0
    ? { kind: "rate", every: hours / 24, unit: "days" }
    : { kind: "rate", every: hours, unit: "hours" };
}

function parseHourly(text: string, at: string | undefined): ReadableSchedule | ScheduleFault {
  if (at === undefined) return cronOf("0", "*");
  const minute = /^:([0-5]\d)$/.exec(at)?.[1];
  if (minute !== undefined) return cronOf(String(Number(minute)), "*");
  return { message: `"${text}" names no minute of the hour.`, fix: 'Write it as "hourly at :30".' };
}

function parseDays(subject: string): DayFields | null {
  const [kind = "", on] = subject.split(/ on (?:the )?/);
  switch (kind) {
    case "daily":
    case "every day":
      return on === undefined ? EVERY_DAY : null;
    case "weekdays":
    case "every weekday":
      return on === undefined ? { ...EVERY_DAY, dayOfWeek: "1-5" } : null;
    case "weekends":
    case "every weekend":
      return on === undefined ? { ...EVERY_DAY, dayOfWeek: "0,6" } : null;
    case "weekly":
    case "every week":
      return on === undefined ? { ...EVERY_DAY, dayOfWeek: "0" } : daysOfWeek(on);
    case "monthly":
    case "every month":
      return daysOfMonth(on ?? "1st");
    case "yearly":
    case "annually":
    case "every year":
      return on === undefined ? { ...EVERY_DAY, dayOfMonth: "1", month: "1" } : null;
    default:
      return on === undefined ? daysOfWeek(kind) : null;
  }
}

/** "mondays", "every monday and thursday", "mon, wed, fri". */
function daysOfWeek(text: string): DayFields | null {
  const names = text
    .replace(/^every /, "")
    .split(SEPARATOR)
    // The s of a plural: not that of "tues".
    .map((name) => name.replace(/^(?!tues$)(.*day|...)s$/, "$1"));
  const days = names.map((name) =>
    DAYS.findIndex((day) => name.length >= 3 && (day === name || (day.startsWith(name) && name.length <= 5))),
  );
  if (days.includes(-1)) return null;
  return { ...EVERY_DAY, dayOfWeek: [...new Set(days)].sort().join(",") };
}

/** "15th", "1st and 15th", "1, 15". */
function daysOfMonth(text: string): DayFields | null {
  const numbers = text.split(SEPARATOR).map((day) => /^(\d{1,2})(?:st|nd|rd|th)?$/.exec(day)?.[1]);
  const days = numbers.map((day) => Number(day ?? 0));
  if (days.some((day) => day < 1 || day > 31)) return null;
  return { ...EVERY_DAY, dayOfMonth: [...new Set(days)].sort((a, b) => a - b).join(",") };
}

const SEPARATOR = /, and |, ?| and /;

/** Cron's fields of the times of a day, of which one expression can say those that share their minute. */
function parseTimes(text: string): { minute: string; hours: string } | ScheduleFault {
  const times = text.split(SEPARATOR).map(parseTime);
  const [first] = times;
  const hours: number[] = [];
  for (const time of times) {
    if (!first || time === null)
      return {
        message: `"${text}" is not a time of day.`,
        fix: 'Write it as "9:00", "17:30", "9am", "noon" or "midnight", or several: "9:00 and 17:00".',
      };
    if (time.minute !== first.minute)
      return {
        message: `"${text}" are times of different minutes, and a schedule has but one.`,
        fix: "Make a schedule of its own for the others: a file in schedules/ that imports the handler.",
      };
    hours.push(time.hour);
  }
  const sorted = [...new Set(hours)].sort((a, b) => a - b);
  return { minute: String(first?.minute), hours: sorted.join(",") };
}

function parseTime(text: string): { hour: number; minute: number } | null {
  if (text === "noon") return { hour: 12, minute: 0 };
  if (text === "midnight") return { hour: 0, minute: 0 };
  const match = /^(\d{1,2})(?::(\d{2}))? ?(am|pm)?$/.exec(text);
  if (!match?.[1] || (!match[2] && !match[3])) return null;
  const given = Number(match[1]);
  const minute = Number(match[2] ?? 0);
  const half = match[3];
  if (minute > 59 || given > 23 || (half && (given < 1 || given > 12))) return null;
  return { hour: half ? (given % 12) + (half === "pm" ? 12 : 0) : given, minute };
}

function cronOf(minute: string, hour: string, days: DayFields = EVERY_DAY): ReadableSchedule {
  return { kind: "cron", cron: `${minute} ${hour} ${days.dayOfMonth} ${days.month} ${days.dayOfWeek}` };
}

function unknown(text: string): ScheduleFault {
  return { message: `"${text}" is not a schedule.`, fix: FORMS };
}
