import { expect, test } from "vitest";
import { createTestClock } from "../../../clock/test-clock.js";
import { createLogReader, type FoundLogEvent, followLogs, type LogEvent } from "./follow-logs.js";

/** A log group whose lines become readable only after they were written. */
function lateLog() {
  const written: (LogEvent & { readableFrom: number })[] = [];
  const starts: number[] = [];
  let readNumber = 0;
  return {
    starts,
    /** A line that the read of that number is the first to give. */
    write: (timestamp: number, readableFrom: number) =>
      written.push({
        eventId: `e${written.length}`,
        timestamp,
        message: `line ${written.length}`,
        readableFrom,
      }),
    read: async (_group: string, startMs: number) => {
      readNumber++;
      starts.push(startMs);
      return written.filter((event) => event.readableFrom <= readNumber && event.timestamp >= startMs);
    },
  };
}

const messages = (events: readonly LogEvent[]) => events.map(({ message }) => message);

test("gives each line once, also one that comes after a younger one", async () => {
  const log = lateLog();
  log.write(1_000, 1);
  log.write(50_000, 2);
  log.write(2_000, 3);
  log.write(51_000, 3);
  const reader = createLogReader(["g"], 0, log.read);
  expect(messages(await reader.next())).toEqual(["line 0"]);
  expect(messages(await reader.next())).toEqual(["line 1"]);
  expect(messages(await reader.next())).toEqual(["line 2", "line 3"]);
  expect(await reader.next()).toEqual([]);
});

test("reads again only what may still change, and never from before the time that was asked for", async () => {
  const log = lateLog();
  log.write(10_000_000, 1);
  const reader = createLogReader(["g"], 9_990_000, log.read);
  await reader.next();
  log.write(20_000_000, 2);
  await reader.next();
  await reader.next();
  expect(log.starts).toEqual([9_990_000, 9_990_000, 20_000_000 - 120_000]);
});

test("lines of several groups come in order of time, each with its group", async () => {
  const lines: Record<string, LogEvent[]> = {
    a: [{ eventId: "1", timestamp: 3, message: "a3" }],
    b: [
      { eventId: "1", timestamp: 1, message: "b1" },
      { eventId: "2", timestamp: 4, message: "b4" },
    ],
  };
  const reader = createLogReader(["a", "b"], 0, async (group) => lines[group] ?? []);
  expect((await reader.next()).map(({ group, message }) => [group, message])).toEqual([
    ["b", "b1"],
    ["a", "a3"],
    ["b", "b4"],
  ]);
});

test("follows until it is told to stop; without following it reads once", async () => {
  const log = lateLog();
  log.write(1, 1);
  log.write(2, 2);
  log.write(3, 3);
  const clock = createTestClock(0);
  const stop = new AbortController();
  const printed: FoundLogEvent[] = [];
  const following = followLogs(createLogReader(["g"], 0, log.read), (events) => printed.push(...events), {
    clock,
    signal: stop.signal,
  });
  await expect.poll(() => printed.length).toBe(1);
  clock.advance(2_000);
  await expect.poll(() => printed.length).toBe(2);
  stop.abort();
  await following;
  clock.advance(60_000);
  expect(messages(printed)).toEqual(["line 0", "line 1"]);

  const once: FoundLogEvent[] = [];
  await followLogs(createLogReader(["g"], 0, log.read), (events) => once.push(...events), {
    clock,
    signal: null,
  });
  expect(once).toHaveLength(3);
});
