import type { Clock } from "../../clock/clock.js";

/** Lets callers pass one at a time, in the order in which they came. */
export type CallRate = () => Promise<void>;

/**
 * @param perSecond - most calls in a second. They are spaced evenly: a burst would be counted against the next second.
 */
export function createCallRate(perSecond: number, clock: Clock): CallRate {
  const spacingMs = 1000 / perSecond;
  let nextAtMs = Number.NEGATIVE_INFINITY;
  return async () => {
    const now = clock.now();
    // A wall clock that was set back must not hold calls for the time that it lost.
    const turn = nextAtMs - now > LONGEST_QUEUE_MS ? now : Math.max(now, nextAtMs);
    nextAtMs = turn + spacingMs;
    if (turn > now) await new Promise<void>((resolve) => void clock.at(turn, resolve));
  };
}

/** More than any deploy can have waiting at once. */
const LONGEST_QUEUE_MS = 600_000;
