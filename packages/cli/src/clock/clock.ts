/** Time, as far as the broker and the event source need it: real in `dev`, a test's own in tests. */
export interface Clock {
  /** Milliseconds since 1970. May jump; never assume that it only grows. */
  now(): number;
  /** Calls back once, at or after `atMs`. Returns a function that cancels it. */
  at(atMs: number, callback: () => void): () => void;
}
