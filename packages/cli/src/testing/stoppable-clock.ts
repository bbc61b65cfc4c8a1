import type { Clock } from "../clock/clock.js";

/**
 * The clock of a process that may end: nothing is called back in it after that.
 *
 * @returns the clock, and what ends it
 */
export function createStoppableClock(clock: Clock): Clock & { stop(): void } {
  const waiting = new Set<() => void>();
  let isStopped = false;
  return {
    now: () => clock.now(),
    at(atMs, callback) {
      if (isStopped) return () => {};
      const cancel = clock.at(atMs, () => {
        waiting.delete(cancel);
        callback();
      });
      waiting.add(cancel);
      return () => {
        waiting.delete(cancel);
        cancel();
      };
    },
    stop() {
      isStopped = true;
      for (const cancel of waiting) cancel();
      waiting.clear();
    },
  };
}
