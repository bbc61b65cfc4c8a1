import { expect, test } from "vitest";
import { metricsPeriodSeconds } from "./metrics-period.js";

const DAY_MS = 86_400_000;

test.each([
  [0, 60],
  [60_001, 120],
  [DAY_MS, 86_400],
  // Exactly as old as minutes are kept, and older: hours and minutes of a time are no multiples.
  [15 * DAY_MS, 15 * 86_400],
  [15 * DAY_MS + 1, 15 * 86_400 + 300],
  [20 * DAY_MS + 61_000, 20 * 86_400 + 300],
  [63 * DAY_MS + 1, 63 * 86_400 + 3_600],
  [400 * DAY_MS + 61_000, 400 * 86_400 + 3_600],
])("%d ms back is a period of %d s", (sinceMs, seconds) => {
  expect(metricsPeriodSeconds(sinceMs)).toBe(seconds);
});
