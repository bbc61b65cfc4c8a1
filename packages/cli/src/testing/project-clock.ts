import type { Clock } from "../clock/clock.js";
import type { DrainReport } from "./test-project.js";
import type { TimeSpan } from "./time-span.js";

/** A project's time, as tests see it. */
export type ProjectClock = {
  /** Milliseconds since 1970. */
  now(): number;
  /**
   * Moves on by seconds, or "90 minutes", "3 days", and runs what falls due on the way, each at its own time: schedules,
   * delayed jobs, retries, and what they push. What is due already runs first.
   */
  advance(span: TimeSpan): Promise<DrainReport>;
  /** The same, up to a time: a Date, milliseconds since 1970, or a text in ISO 8601. */
  advanceTo(time: Date | string | number): Promise<DrainReport>;
};

/** What runs handlers takes for the time: it goes on while they run, so that their timeouts end. */
export type RunningClock = Clock & {
  /** Goes on from what the project's clock says. */
  restart(): void;
};

/** Taken before a test can fake them. */
const { setTimeout: startTimer, clearTimeout: cancelTimer } = globalThis;
const elapsedMs = performance.now.bind(performance);

/**
 * Time within a handler. A job takes no time of its project's clock, however long it really takes; but it has its
 * `timeout`, in real time.
 */
export function createRunningClock(projectNow: () => number): RunningClock {
  let startedAtMs = elapsedMs();
  const now = (): number => projectNow() + Math.floor(elapsedMs() - startedAtMs);
  return {
    now,
    at(atMs, callback) {
      if (atMs === Number.POSITIVE_INFINITY) return () => {};
      const timer = startTimer(callback, Math.max(0, atMs - now()));
      return () => cancelTimer(timer);
    },
    restart() {
      startedAtMs = elapsedMs();
    },
  };
}
