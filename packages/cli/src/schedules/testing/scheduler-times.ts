/**
 * For tests: the times at which EventBridge Scheduler would run an expression of its own, told by its documentation and
 * by none of the code under test (User Guide, "Schedule types": fields, `?`, days of the week from 1 for Sunday, times
 * that clocks skip or repeat).
 */
export function* schedulerTimes(expression: string, timezone: string, afterMs: number): Generator<number> {
  const [, text] = /^cron\((.*)\)$/.exec(expression) ?? [];
  const [minute = "", hour = "", dayOfMonth = "", month = "", dayOfWeek = "", year, ...more] =
    text?.split(" ") ?? [];
  if (year !== "*" || more.length > 0)
    throw new Error(`${expression} has not six fields, the last for any year`);
  if ((dayOfMonth === "?") === (dayOfWeek === "?")) throw new Error(`${expression} needs ? in one day field`);
  const minutes = valuesOf(minute, 0, 59);
  const hours = valuesOf(hour, 0, 23);
  const monthDays = valuesOf(dayOfMonth.replace("?", "*"), 1, 31);
  const months = valuesOf(month, 1, 12);
  const weekDays = valuesOf(dayOfWeek.replace("?", "*"), 1, 7);
  const firstDay = Math.floor(afterMs / DAY_MS) - 1;
  for (let day = firstDay; day < firstDay + 50 * 366; day++) {
    const date = new Date(day * DAY_MS);
    if (!months.has(date.getUTCMonth() + 1) || !monthDays.has(date.getUTCDate())) continue;
    if (!weekDays.has(date.getUTCDay() + 1)) continue;
    const times: number[] = [];
    for (const h of hours)
      for (const m of minutes) {
        const atMs = instantOf(day * DAY_MS + (h * 60 + m) * 60_000, timezone);
        if (atMs !== null && atMs > afterMs) times.push(atMs);
      }
    yield* times.sort((a, b) => a - b);
  }
}

const DAY_MS = 86_400_000;

/** `*`, `a`, `a-b`, `a/n`, and lists of these. */
function valuesOf(field: string, min: number, max: number): Set<number> {
  const values = new Set<number>();
  for (const item of field.split(",")) {
    const match = /^(?:(\*)|(\d+)(?:-(\d+)|\/(\d+))?)$/.exec(item);
    if (!match) throw new Error(`AWS does not take "${item}"`);
    const [, any, from, to, step] = match;
    const first = any ? min : Number(from);
    const last = any || step ? max : Number(to ?? from);
    if (first < min || last > max || first > last) throw new Error(`AWS does not take "${item}"`);
    for (let value = first; value <= last; value += Number(step ?? 1)) values.add(value);
  }
  return values;
}

/** The first time that clocks show this; null when they skip it. */
function instantOf(wallMs: number, timeZone: string): number | null {
  const around = [wallMs - DAY_MS, wallMs + DAY_MS].map((atMs) => wallMs - (shownMs(atMs, timeZone) - atMs));
  const matching = around.filter((atMs) => shownMs(atMs, timeZone) === wallMs);
  return matching.length > 0 ? Math.min(...matching) : null;
}

/** For tests: what clocks show, as if it were UTC. */
export function shownMs(atMs: number, timeZone: string): number {
  if (timeZone === "UTC") return atMs;
  // "2026-11-22 09:00:00", as Swedes write it.
  const format = formats.get(timeZone) ?? new Intl.DateTimeFormat("sv-SE", { ...SHOWN, timeZone });
  formats.set(timeZone, format);
  return Date.parse(`${format.format(atMs).replace(" ", "T")}Z`);
}

const formats = new Map<string, Intl.DateTimeFormat>();
const SHOWN: Intl.DateTimeFormatOptions = { dateStyle: "short", timeStyle: "medium" };
