import { setMaxListeners } from "node:events";
import type { Clock } from "../clock/clock.js";

/** @param stop - ends the wait at once, without an error */
export async function sleep(ms: number, clock: Clock, stop?: AbortSignal): Promise<void> {
  if (stop?.aborted) return;
  // As many wait as there are steps at once; Node takes more than ten listeners for a leak, and tells people.
  if (stop) setMaxListeners(0, stop);
  await new Promise<void>((resolve) => {
    const end = () => {
      cancel();
      stop?.removeEventListener("abort", end);
      resolve();
    };
    const cancel = clock.at(clock.now() + ms, end);
    stop?.addEventListener("abort", end);
  });
}

/** Between attempts and looks, in milliseconds; the last one again and again. */
const PAUSES_MS = [500, 1_000, 1_500, 2_000, 3_000, 4_000, 5_000];

const pauseOf = (attempt: number, longestMs = Number.POSITIVE_INFINITY) =>
  Math.min(PAUSES_MS[Math.min(attempt, PAUSES_MS.length - 1)] ?? 0, longestMs);

type Waiting = { clock: Clock; stop?: AbortSignal; budgetMs: number; longestPauseMs?: number };

/**
 * Tries again while what fails is known to mend itself, and the budget lasts.
 *
 * @returns what the first attempt that succeeds gives
 * @throws the last failure
 */
export async function eventually<T>(
  attempt: () => Promise<T>,
  { clock, stop, budgetMs, longestPauseMs, isPassing }: Waiting & { isPassing: (error: unknown) => boolean },
): Promise<T> {
  const deadlineMs = clock.now() + budgetMs;
  for (let attempts = 0; ; attempts += 1) {
    try {
      return await attempt();
    } catch (error) {
      const pauseMs = pauseOf(attempts, longestPauseMs);
      if (stop?.aborted || !isPassing(error) || clock.now() + pauseMs > deadlineMs) throw error;
      await sleep(pauseMs, clock, stop);
      if (stop?.aborted) throw error;
    }
  }
}

/**
 * Looks again and again until there is something to see.
 *
 * @param look - gives undefined as long as it is to be called again
 * @returns what it saw; undefined when the budget is used up
 * @throws the reason of `stop` when it was stopped
 */
export async function lookUntil<T>(
  look: () => Promise<T | undefined>,
  { clock, stop, budgetMs, longestPauseMs }: Waiting,
): Promise<T | undefined> {
  const deadlineMs = clock.now() + budgetMs;
  for (let looks = 0; ; looks += 1) {
    const seen = await look();
    if (seen !== undefined) return seen;
    stop?.throwIfAborted();
    const pauseMs = pauseOf(looks, longestPauseMs);
    if (clock.now() + pauseMs > deadlineMs) return undefined;
    await sleep(pauseMs, clock, stop);
  }
}
