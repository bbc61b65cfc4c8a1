import type { Clock } from "../../packages/cli/src/clock/clock.js";

/** A clock on which nobody waits: where nothing else is under way, it jumps to what is waited for next. */
export type SkippingClock = Clock & { stop: () => void };

/** So often nothing must be under way before it jumps: between an answer and the next request there is a moment. */
const IDLE_LOOKS = 4;
const LOOK_EVERY_MS = 1;

/** @param isBusy - whether something is under way that takes real time */
export function skippingClock(isBusy: () => boolean): SkippingClock {
  const timers = new Set<{ atMs: number; callback: () => void }>();
  let aheadMs = 0;
  let idleLooks = 0;
  let looking: NodeJS.Timeout | null = null;
  const now = () => Date.now() + aheadMs;

  function look(): void {
    looking = null;
    const [first] = [...timers].sort((a, b) => a.atMs - b.atMs);
    if (!first) return;
    idleLooks = isBusy() ? 0 : idleLooks + 1;
    if (first.atMs > now() && idleLooks >= IDLE_LOOKS) aheadMs += first.atMs - now();
    if (first.atMs <= now()) {
      idleLooks = 0;
      timers.delete(first);
      first.callback();
    }
    lookAgain();
  }
  function lookAgain(): void {
    if (timers.size > 0) looking ??= setTimeout(look, LOOK_EVERY_MS);
  }
  return {
    now,
    at(atMs, callback) {
      const timer = { atMs, callback };
      timers.add(timer);
      lookAgain();
      return () => void timers.delete(timer);
    },
    stop() {
      timers.clear();
      if (looking) clearTimeout(looking);
    },
  };
}
