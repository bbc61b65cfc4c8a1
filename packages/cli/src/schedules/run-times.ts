import type { ScheduleDefinition } from "../project/manifest.js";
import { nextRuns } from "./next-runs.js";
import { wallClockText } from "./time-zones.js";

/** When a schedule runs next, for programs and for people. */
export type RunTimes = {
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
  const times = nextRunsMs.map((atMs) => wallClockText(atMs, timezone));
  return {
    nextRunsMs,
    nextText: times.length > 0 ? `next ${times.join(", ")}` : "",
  };
}
