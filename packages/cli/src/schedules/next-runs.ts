import { Cron } from "croner";
import type { CronFields } from "./cron-fields.js";
import { runTimeZone } from "./run-time-zone.js";
import type { ScheduleExpression } from "./schedule-expression.js";
import { timeZoneOffsetMs } from "./time-zones.js";

const UNIT_MS = { minutes: 60_000, hours: 3_600_000, days: 86_400_000 };
/** Longer than clocks are ever set back or ahead. */
const AROUND_CHANGE_MS = 3 * 3_600_000;

/**
 * When a schedule runs next. What falls into an hour that clocks skip does not run, and what falls into one that they
 * repeat runs the first time only, as EventBridge Scheduler has it (User Guide, "Schedule types", "Daylight savings
 * time").
 *
 * @param timezone - an IANA name
 * @param options.afterMs - milliseconds since 1970; a run at that very time is not counted
 * @param options.startedAtMs - when the schedule was made, which intervals that cron cannot say are counted from
 * @returns milliseconds since 1970, soonest first; fewer than `count` where there are no more
 */
export function nextRuns(
  expression: ScheduleExpression,
  timezone: string,
  { afterMs, count, startedAtMs }: { afterMs: number; count: number; startedAtMs: number },
): number[] {
  if (expression.kind === "never") return [];
  if (expression.kind === "rate") {
    const periodMs = expression.every * UNIT_MS[expression.unit];
    const past = Math.max(0, Math.floor((afterMs - startedAtMs) / periodMs));
    return Array.from({ length: count }, (_, index) => startedAtMs + (past + 1 + index) * periodMs);
  }
  const zone = runTimeZone(expression, timezone);
  const cron = new Cron(expression.cron, { timezone: zone, paused: true });
  const runs: number[] = [];
  let previous = new Date(afterMs);
  while (runs.length < count) {
    const next = cron.nextRun(previous);
    if (!next) break;
    const atMs = next.getTime();
    if (isOnTime(atMs, zone, expression.fields) && !isRepeated(atMs, zone)) runs.push(atMs);
    previous = next;
  }
  return runs;
}

/** Whether clocks show one of the schedule's times: croner moves what clocks skip to the end of what they skip. */
function isOnTime(atMs: number, zone: string, fields: CronFields): boolean {
  const { minutes, hours, daysOfMonth, months, daysOfWeek } = fields;
  const wall = new Date(atMs + timeZoneOffsetMs(zone, atMs));
  const isDay =
    (daysOfMonth === null && daysOfWeek === null) ||
    (daysOfMonth?.includes(wall.getUTCDate()) ?? false) ||
    (daysOfWeek?.includes(wall.getUTCDay()) ?? false);
  const isTime = minutes.includes(wall.getUTCMinutes()) && hours.includes(wall.getUTCHours());
  return isDay && isTime && months.includes(wall.getUTCMonth() + 1);
}

/** Whether clocks have shown the same time before: they were set back. */
function isRepeated(atMs: number, zone: string): boolean {
  const offsetMs = timeZoneOffsetMs(zone, atMs);
  const offsetBeforeMs = timeZoneOffsetMs(zone, atMs - AROUND_CHANGE_MS);
  if (offsetBeforeMs <= offsetMs) return false;
  return timeZoneOffsetMs(zone, atMs - (offsetBeforeMs - offsetMs)) === offsetBeforeMs;
}
