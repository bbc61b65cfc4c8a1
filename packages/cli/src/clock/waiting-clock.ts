import type { Clock } from "./clock.js";

/** The machine's clock for commands that wait: unlike `realClock`'s, its timers keep the process alive. */
export const waitingClock: Clock = {
  now: () => Date.now(),
  at(atMs, callback) {
    const timer = setTimeout(callback, Math.max(0, atMs - Date.now()));
    return () => clearTimeout(timer);
  },
};
