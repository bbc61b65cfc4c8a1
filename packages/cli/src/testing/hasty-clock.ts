import type { Clock } from "../clock/clock.js";

/** A clock that can be made to jump ahead. */
export type HastyClock = Clock & {
  /** It jumps, some turns of the event loop from now. */
  hurry(): void;
};

const nextTurn = setImmediate;

/**
 * A clock that suddenly is later: what waits for a time before that is called back at once.
 *
 * @param byMs - how much later
 * @param turns - of the event loop before it jumps
 */
export function createHastyClock(clock: Clock, byMs: number, turns: number): HastyClock {
  let aheadMs = 0;
  const waiting = new Set<{ atMs: number; callback: () => void; cancel: () => void }>();

  function jump(): void {
    aheadMs = byMs;
    const now = clock.now() + aheadMs;
    const due = [...waiting].filter(({ atMs }) => atMs <= now).sort((one, other) => one.atMs - other.atMs);
    for (const entry of due) {
      if (!waiting.delete(entry)) continue;
      entry.cancel();
      entry.callback();
    }
  }

  function wait(left: number): void {
    nextTurn(() => (left === 0 ? jump() : wait(left - 1)));
  }

  return {
    now: () => clock.now() + aheadMs,
    at(atMs, callback) {
      const entry = {
        atMs,
        callback,
        cancel: clock.at(atMs - aheadMs, () => {
          if (waiting.delete(entry)) callback();
        }),
      };
      waiting.add(entry);
      return () => {
        waiting.delete(entry);
        entry.cancel();
      };
    },
    hurry: () => wait(turns),
  };
}
