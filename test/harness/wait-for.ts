import { setTimeout as sleep } from "node:timers/promises";

/** How a test waits for something another process does: until it is so, within a deadline. */
export type WaitOptions = {
  /** Default 20 seconds: generous, since it is only spent by a test that fails. */
  deadlineMs?: number;
  /** How long to pause between two looks. Default 25 ms. */
  everyMs?: number;
};

/**
 * Looks again and again until there is something to see.
 *
 * @param what - what is awaited, for the error
 * @param look - returns what was awaited, or undefined, null or false as long as it is not there; when it throws, that
 *   counts as "not yet", and the last error is told when time is up
 * @throws when the deadline passes
 */
export async function waitFor<T>(
  what: string,
  look: () => T | Promise<T>,
  { deadlineMs = 20_000, everyMs = 25 }: WaitOptions = {},
): Promise<Exclude<T, undefined | null | false>> {
  const deadline = Date.now() + deadlineMs;
  let lastError: unknown;
  let last: unknown;
  for (;;) {
    try {
      const seen = await look();
      if (seen !== undefined && seen !== null && seen !== false)
        return seen as Exclude<T, undefined | null | false>;
      last = seen;
      lastError = undefined;
    } catch (error) {
      lastError = error;
    }
    if (Date.now() >= deadline) {
      const detail = lastError ? String(lastError) : `last seen: ${JSON.stringify(last)}`;
      throw new Error(`Waited ${deadlineMs} ms for ${what}; ${detail}`, { cause: lastError });
    }
    await sleep(everyMs);
  }
}
