import { expect, test } from "vitest";
import { countRuns } from "./count-runs.js";
import { parseSchedule } from "./schedule-expression.js";

const month = { firstDayMs: Date.UTC(2026, 10, 1), days: 30 };

test.each([
  ["every minute", 43_200],
  ["every 15 minutes", 2_880],
  ["every 7 minutes", 6_171],
  ["daily at 4:00", 30],
  ["0 9 * * 1-5", 21],
  ["0 0 1 * 1", 6],
  ["0 0 1 1 *", 0],
  ["never", 0],
])("%s: %d runs in thirty days", (text, runs) => {
  const expression = parseSchedule(text);
  if ("message" in expression) throw new Error(expression.message);
  expect(countRuns(expression, month)).toBe(runs);
});
