import type { Clock } from "../clock/clock.js";
import type { MessageSource } from "../dev/event-source/message-source.js";

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

/** What should be heard of a queue's polls. */
export type PollReports = {
  /** @param failures - in a row, this one included */
  failed: (error: unknown, failures: number, againInMs: number) => void;
  /** A poll was answered after so many failures. */
  recovered: (failures: number) => void;
};

/** A source whose receives end only with an answer, or when nobody wants one any more. */
export type PatientMessages<Source extends MessageSource> = Source & {
  /** Since when a receive waits for its answer, through failures and pauses; null while none does. */
  unansweredSinceMs(): number | null;
};

/**
 * Tries receives that fail again, after pauses that grow to half a minute, each somewhere between a half and the whole
 * of its length, so that many processes do not come back at once.
 *
 * @param random - 0 inclusive to 1 exclusive
 */
export function pollPatiently<Source extends MessageSource>(
  source: Source,
  { clock, random, reports }: { clock: Clock; random: () => number; reports: PollReports },
): PatientMessages<Source> {
  let sinceMs: number | null = null;
  return {
    ...source,
    unansweredSinceMs: () => sinceMs,
    async receive(maxMessages, signal) {
      sinceMs = clock.now();
      try {
        for (let failures = 1; ; failures++) {
          try {
            const delivery = await source.receive(maxMessages, signal);
            if (failures > 1) reports.recovered(failures - 1);
            return delivery;
          } catch (error) {
            if (signal.aborted) return { messages: [], undo: () => {} };
            const longestMs = Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS);
            const pauseMs = Math.round(longestMs / 2 + (random() * longestMs) / 2);
            reports.failed(error, failures, pauseMs);
            await pause(clock, pauseMs, signal);
            if (signal.aborted) return { messages: [], undo: () => {} };
          }
        }
      } finally {
        sinceMs = null;
      }
    },
  };
}

function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      cancel();
      signal.removeEventListener("abort", end);
      resolve();
    };
    const cancel = clock.at(clock.now() + ms, end);
    signal.addEventListener("abort", end, { once: true });
  });
}
