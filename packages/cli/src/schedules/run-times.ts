import type { ScheduleDefinition } from "../project/manifest.js";
import { nextRuns } from "./next-runs.js";

/** A schedule as people and programs read it: what it says, and when it runs next. */
export type RunTimes = {
  /** "weekdays at 9:00 (Europe/Berlin)" */
  text: string;
  /** Milliseconds since 1970, soonest first; none for "never". */
  nextRunsMs: number[];
  /** "next 2026-11-23 09:00, 2026-11-24 09:00", in the schedule's time zone; "" where it never runs. */
  nextText: string;
};

/**
 * @param options.nowMs - milliseconds since 1970
 * @param options.count - how many runs to tell of
 */
export function runTimes(
  { expression, settings: { timezone } }: Pick<ScheduleDefinition, "expression" | "settings">,
  { nowMs, count }: { nowMs: number; count: number },
): RunTimes {
  const nextRunsMs = nextRuns(expression, timezone, { afterMs: nowMs, count, startedAtMs: nowMs });
  const times = nextRunsMs.map((atMs) => timeText(atMs, timezone));
  return {
    text: expression.kind === "cron" ? `${expression.text} (${timezone})` : expression.text,
    nextRunsMs,
    nextText: times.length > 0 ? `next ${times.join(", ")}` : "",
  };
}

/** "2026-11-23 09:00", as clocks in the time zone show it. */
function timeText(atMs: number, timeZone: string): string {
  // Swedes write dates as ISO 8601 does.
  return new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeStyle: "short", timeZone }).format(atMs);
}
