import type { JobClock } from "./clock.js";

type Waiting = { atMs: number; callback: () => void };

/**
 * A clock that keeps one timer of another clock, for the earliest of all that is waited for. A timer of Node's costs as
 * much as running a job, and almost all that is waited for here is over long before its time.
 *
 * @returns the clock, and what stops waiting for anything
 */
export function createSharedTimer(clock: JobClock): JobClock & { stop(): void } {
  const waiting = new Set<Waiting>();
  let setForMs = Number.POSITIVE_INFINITY;
  let cancelTimer = () => {};

  function setFor(atMs: number): void {
    if (atMs >= setForMs) return;
    cancelTimer();
    setForMs = atMs;
    cancelTimer = clock.at(atMs, ring);
  }

  function ring(): void {
    setForMs = Number.POSITIVE_INFINITY;
    const now = clock.now();
    const due = [...waiting].filter(({ atMs }) => atMs <= now).sort((a, b) => a.atMs - b.atMs);
    // What a callback cancels is not called any more.
    for (const each of due) if (waiting.delete(each)) each.callback();
    for (const { atMs } of waiting) setFor(atMs);
  }

  return {
    now: () => clock.now(),
    at(atMs, callback) {
      if (atMs === Number.POSITIVE_INFINITY) return () => {};
      const entry = { atMs, callback };
      waiting.add(entry);
      setFor(atMs);
      return () => waiting.delete(entry);
    },
    stop() {
      waiting.clear();
      cancelTimer();
      setForMs = Number.POSITIVE_INFINITY;
    },
  };
}
