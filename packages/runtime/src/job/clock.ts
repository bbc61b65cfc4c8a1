/** Time, as far as jobs need it: the system's on Lambda, a test's or the simulation's own elsewhere. */
export interface JobClock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls back once, at or after `atMs`. Returns a function that cancels it. */
  at(atMs: number, callback: () => void): () => void;
}

/** The system's clock. A time that never comes (Infinity) takes no timer. */
export const systemClock: JobClock = {
  now: Date.now,
  at(atMs, callback) {
    if (atMs === Number.POSITIVE_INFINITY) return () => {};
    const timer = setTimeout(callback, Math.max(0, atMs - Date.now()));
    return () => clearTimeout(timer);
  },
};
