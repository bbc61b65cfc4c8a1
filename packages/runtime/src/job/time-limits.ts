import type { JobClock } from "./clock.js";

/** Something whose time runs out. */
type Limited = { timeIsUp(): void };

/** The ends of the calls of one delivery. Calls that start together share a timer. */
export type TimeLimits = {
  /** Tells `limited` when that time has come; Infinity never comes. */
  add(untilMs: number, limited: Limited): void;
  /** Forgets everything that has not come yet. */
  cancel(): void;
};

/** Timers for calls that mostly end long before: nothing is undone when one does, it is told all the same. */
export function createTimeLimits(clock: JobClock): TimeLimits {
  const waiting = new Map<number, { limited: Limited[]; cancel: () => void }>();
  return {
    add(untilMs, limited) {
      if (untilMs === Number.POSITIVE_INFINITY) return;
      const existing = waiting.get(untilMs);
      if (existing) {
        existing.limited.push(limited);
        return;
      }
      const together = [limited];
      const cancel = clock.at(untilMs, () => {
        waiting.delete(untilMs);
        for (const each of together) each.timeIsUp();
      });
      waiting.set(untilMs, { limited: together, cancel });
    },
    cancel() {
      for (const { cancel } of waiting.values()) cancel();
      waiting.clear();
    },
  };
}
