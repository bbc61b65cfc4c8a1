import type { Clock } from "../clock/clock.js";

/** The time that event sources wait in. */
export type BatchWindows = Clock & {
  /** Ends every wait. Returns whether there was one. */
  close(): boolean;
};

/**
 * Batch windows end when nothing more is to come: what waits for more messages would otherwise wait for as long as a test
 * leaves the clock alone, and a batch is what is there.
 *
 * @param now - milliseconds since 1970
 */
export function createBatchWindows(now: () => number): BatchWindows {
  const waiting = new Set<() => void>();
  return {
    now,
    at(_, callback) {
      waiting.add(callback);
      return () => waiting.delete(callback);
    },
    close() {
      const all = [...waiting];
      waiting.clear();
      for (const callback of all) callback();
      return all.length > 0;
    },
  };
}
