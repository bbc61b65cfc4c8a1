import type { Clock } from "./clock.js";

/** Longest sleep of one timer, so that a wall clock that jumps (a laptop waking up) is noticed soon. */
const LONGEST_SLEEP_MS = 5_000;

/** The machine's clock. Its timers keep no process alive by themselves. */
export const realClock: Clock = {
  now: () => Date.now(),
  at(atMs, callback) {
    let timer: NodeJS.Timeout;
    const sleep = () => {
      const remainingMs = atMs - Date.now();
      if (remainingMs <= 0) callback();
      else arm(remainingMs);
    };
    const arm = (remainingMs: number) => {
      timer = setTimeout(sleep, Math.min(remainingMs, LONGEST_SLEEP_MS));
      timer.unref();
    };
    arm(Math.max(0, atMs - Date.now()));
    return () => clearTimeout(timer);
  },
};
