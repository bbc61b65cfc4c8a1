import type { Clock } from "./clock.js";

/** A clock that stands still until it is told to move. */
export type TestClock = Clock & {
  /** Moves on by `ms`, calling back all that falls due on the way, each at its own time. */
  advance(ms: number): void;
  /** When the next callback is due; null when none is waiting. */
  nextMs(): number | null;
  /** Jumps to a time, also backwards, as a wall clock does; what has fallen due is called back after the jump. */
  jumpTo(atMs: number): void;
};

/** A clock for tests, starting at `startMs` (default: 2026-01-01). Callbacks run in order of time, then of asking. */
export function createTestClock(startMs = Date.UTC(2026, 0, 1)): TestClock {
  let nowMs = startMs;
  let timers: { atMs: number; callback: () => void }[] = [];

  const runDue = (untilMs: number, moveClock: boolean) => {
    for (;;) {
      const next = timers
        .filter((timer) => timer.atMs <= untilMs)
        .reduce<(typeof timers)[number] | null>(
          (first, timer) => (first && first.atMs <= timer.atMs ? first : timer),
          null,
        );
      if (!next) return;
      timers = timers.filter((timer) => timer !== next);
      if (moveClock) nowMs = Math.max(nowMs, next.atMs);
      next.callback();
    }
  };

  return {
    now: () => nowMs,
    at(atMs, callback) {
      const timer = { atMs, callback };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    advance(ms) {
      const untilMs = nowMs + ms;
      runDue(untilMs, true);
      nowMs = untilMs;
    },
    nextMs() {
      const next = Math.min(...timers.map(({ atMs }) => atMs));
      return next === Number.POSITIVE_INFINITY ? null : next;
    },
    jumpTo(atMs) {
      nowMs = atMs;
      runDue(atMs, false);
    },
  };
}
