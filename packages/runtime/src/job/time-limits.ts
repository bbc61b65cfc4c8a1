import type { JobClock } from "./clock.js";

/** The ends of the calls of one delivery. Calls that start together share a timer. */
export type TimeLimits = {
  /** Calls back when that time has come, unless `cancel` was called before. */
  at(untilMs: number, callback: () => void): void;
  /** Forgets everything that has not come yet. */
  cancel(): void;
};

/** Timers for calls that mostly end long before: nothing is undone when one does. */
export function createTimeLimits(clock: JobClock): TimeLimits {
  const waiting = new Map<number, { callbacks: (() => void)[]; cancel: () => void }>();
  return {
    at(untilMs, callback) {
      if (untilMs === Number.POSITIVE_INFINITY) return;
      const existing = waiting.get(untilMs);
      if (existing) {
        existing.callbacks.push(callback);
        return;
      }
      const callbacks = [callback];
      const cancel = clock.at(untilMs, () => {
        waiting.delete(untilMs);
        for (const each of callbacks) each();
      });
      waiting.set(untilMs, { callbacks, cancel });
    },
    cancel() {
      for (const { cancel } of waiting.values()) cancel();
      waiting.clear();
    },
  };
}
