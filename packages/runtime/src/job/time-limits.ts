import type { JobClock } from "./clock.js";

/** Something whose time runs out. */
type Limited = { timeIsUp(): void };

/** The ends of the calls of one delivery. */
export type TimeLimits = {
  /** Tells `limited` when that time has come, also when it is over by then; Infinity never comes. */
  add(untilMs: number, limited: Limited): void;
};

/** Calls that end at the same time, as those that start together do, share an entry of the clock's. */
export function createTimeLimits(clock: JobClock): TimeLimits {
  const waiting = new Map<number, Limited[]>();
  return {
    add(untilMs, limited) {
      if (untilMs === Number.POSITIVE_INFINITY) return;
      const existing = waiting.get(untilMs);
      if (existing) {
        existing.push(limited);
        return;
      }
      const together = [limited];
      waiting.set(untilMs, together);
      clock.at(untilMs, () => {
        waiting.delete(untilMs);
        for (const each of together) each.timeIsUp();
      });
    },
  };
}
