import { progressText } from "../records/recorded-values.js";

/** Takes what `progress` was called with. Resolves when that, or something newer, is recorded; rejects for what cannot be. */
export type ProgressWriter = (value: unknown) => Promise<void>;

/**
 * Writes down how far a job has come, one write at a time, so that an older value never replaces a newer one. What is
 * said while a write is under way waits, and of what waits only the latest is written.
 *
 * @param queueName - for errors
 * @param write - records a value; its failure is that of every call whose value it was to record
 */
export function createProgressWriter(
  queueName: string,
  write: (value: unknown) => Promise<void>,
): ProgressWriter {
  let waiting: { value: unknown; written: Promise<void> } | null = null;
  let last: Promise<void> = Promise.resolve();

  return async (value) => {
    // As it is now: it may change before it is written.
    const snapshot: unknown = JSON.parse(progressText(queueName, value));
    if (waiting) {
      waiting.value = snapshot;
      return waiting.written;
    }
    const next = { value: snapshot, written: Promise.resolve() };
    waiting = next;
    next.written = last
      .catch(() => {})
      .then(() => {
        waiting = null;
        return write(next.value);
      });
    last = next.written;
    return next.written;
  };
}
