import type { Clock } from "../../../clock/clock.js";

/** A line of a log group. */
export type LogEvent = {
  /** CloudWatch's own id of it: the same however often it is read. */
  eventId: string;
  /** When it was written, in milliseconds since 1970. */
  timestamp: number;
  message: string;
};

/** Reads every event of one log group from a time on; its pages are gone through. */
export type ReadLogEvents = (group: string, startMs: number) => Promise<LogEvent[]>;

/** An event and the log group it is from. */
export type FoundLogEvent = LogEvent & { group: string };

/**
 * How far back each read begins before the last event that was seen. Instances send their lines in batches, so a line
 * may be readable later than a younger one: CloudWatch takes seconds as a rule.
 */
const LATE_MS = 120_000;

/**
 * Reads log groups again and again, without losing a line that comes late and without giving one twice.
 *
 * @param groups - names of log groups
 * @param sinceMs - the first line's time
 */
export function createLogReader(groups: readonly string[], sinceMs: number, read: ReadLogEvents) {
  const positions = new Map(
    groups.map((group) => [group, { newestMs: sinceMs, seen: new Map<string, number>() }]),
  );
  return {
    /** @returns what has not been returned before, in order of time */
    async next(): Promise<FoundLogEvent[]> {
      const found: FoundLogEvent[] = [];
      for (const [group, position] of positions) {
        const startMs = Math.max(sinceMs, position.newestMs - LATE_MS);
        for (const event of await read(group, startMs)) {
          if (position.seen.has(event.eventId)) continue;
          position.seen.set(event.eventId, event.timestamp);
          position.newestMs = Math.max(position.newestMs, event.timestamp);
          found.push({ ...event, group });
        }
        for (const [eventId, timestamp] of position.seen)
          if (timestamp < position.newestMs - LATE_MS) position.seen.delete(eventId);
      }
      return found.sort((a, b) => a.timestamp - b.timestamp);
    },
  };
}

/** Between two reads while following. */
const POLL_MS = 2_000;

/** Reads until `signal` aborts, or once where there is no signal. */
export async function followLogs(
  reader: ReturnType<typeof createLogReader>,
  print: (events: FoundLogEvent[]) => void,
  { clock, signal }: { clock: Clock; signal: AbortSignal | null },
): Promise<void> {
  for (;;) {
    print(await reader.next());
    if (!signal) return;
    await new Promise<void>((resolve) => {
      const cancel = clock.at(clock.now() + POLL_MS, resolve);
      signal.addEventListener(
        "abort",
        () => {
          cancel();
          resolve();
        },
        { once: true },
      );
    });
    if (signal.aborted) return;
  }
}
