import type { Clock } from "../../packages/cli/src/clock/clock.js";

/** The machine's clock, which can be set ahead: for what would take a test half a minute of waiting. */
export type MovingClock = Clock & { advance: (ms: number) => void };

type Timer = { atMs: number; callback: () => void; timeout?: NodeJS.Timeout };

export function movingClock(): MovingClock {
  const timers = new Set<Timer>();
  let aheadMs = 0;
  const now = () => Date.now() + aheadMs;
  const fire = (timer: Timer) => {
    if (timers.delete(timer)) timer.callback();
  };
  const arm = (timer: Timer) => {
    clearTimeout(timer.timeout);
    timer.timeout = setTimeout(() => fire(timer), Math.max(0, timer.atMs - now())).unref();
  };
  return {
    now,
    at(atMs, callback) {
      const timer: Timer = { atMs, callback };
      timers.add(timer);
      arm(timer);
      return () => {
        clearTimeout(timer.timeout);
        timers.delete(timer);
      };
    },
    advance(ms) {
      aheadMs += ms;
      for (const timer of timers) arm(timer);
    },
  };
}
