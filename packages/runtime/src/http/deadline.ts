import { LAMBDA_MAX_TIMEOUT_SECONDS } from "../limits/index.js";

/** Kept back from what Lambda gives, to write the answer: without it the client would get Lambda's own error. */
const RESERVE_MS = 250;

/**
 * How long a handler may take: its route's timeout, and no longer than Lambda waits.
 *
 * @param remainingMs - what Lambda says; more than Lambda can ever give means that time is not kept (a debugger)
 * @returns milliseconds; Infinity for no limit
 */
export function timeLimitMs(timeoutSeconds: number, remainingMs: number): number {
  if (remainingMs > LAMBDA_MAX_TIMEOUT_SECONDS * 1_000) return Number.POSITIVE_INFINITY;
  return Math.min(timeoutSeconds * 1_000, Math.max(0, remainingMs - RESERVE_MS));
}

/**
 * Waits for a handler, but no longer than its time.
 *
 * @param onTimeout - makes the answer when time is up; what `work` does after that is of no account
 */
export function withinTime<T>(
  work: Promise<T>,
  limitMs: number,
  onTimeout: () => T | Promise<T>,
): Promise<T> {
  if (limitMs === Number.POSITIVE_INFINITY) return work;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(onTimeout()), limitMs);
    work.then(
      (value) => {
        clearTimeout(timer);
        resolve(value);
      },
      (error: unknown) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });
}
