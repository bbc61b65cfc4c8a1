import type { JobClock } from "../clock.js";

/** A clock that stands still until a test moves it. */
export type FakeClock = JobClock & {
  /** Moves time on, firing what falls due in order; lets promises run in between. */
  advance(milliseconds: number): Promise<void>;
  /** Time passes while code holds the event loop: no timer fires. */
  jump(milliseconds: number): void;
};

/** @param startMs - what `now` says at first */
export function createFakeClock(startMs = 1_800_000_000_000): FakeClock {
  let nowMs = startMs;
  const timers = new Set<{ atMs: number; callback: () => void }>();
  return {
    now: () => nowMs,
    at(atMs, callback) {
      const timer = { atMs, callback };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    jump(milliseconds) {
      nowMs += milliseconds;
    },
    async advance(milliseconds) {
      const endMs = nowMs + milliseconds;
      await letPromisesRun();
      for (;;) {
        const due = [...timers].filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs)[0];
        if (!due) break;
        timers.delete(due);
        nowMs = Math.max(nowMs, due.atMs);
        due.callback();
        await letPromisesRun();
      }
      nowMs = endMs;
    },
  };
}

/** Lets everything run that waits for nothing but other promises. */
export function letPromisesRun(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}
