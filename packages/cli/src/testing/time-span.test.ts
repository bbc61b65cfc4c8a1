import { expect, test } from "vitest";
import { timeInMs, timeSpanInMs } from "./time-span.js";

test.each([
  [1.5, 1_500],
  [0, 0],
  ["250ms", 250],
  ["5 milliseconds", 5],
  ["1s", 1_000],
  ["2 seconds", 2_000],
  ["90 minutes", 5_400_000],
  ["1 minute", 60_000],
  ["5m", 300_000],
  ["1h", 3_600_000],
  ["2 hours", 7_200_000],
  ["3 days", 259_200_000],
  ["1d", 86_400_000],
  ["1 week", 604_800_000],
  ["0.5 hours", 1_800_000],
])("%j is %i ms", (span, ms) => {
  expect(timeSpanInMs(span)).toBe(ms);
});

test.each([-1, Number.NaN, "", "days", "3", "3 fortnights", "-3 days", "3 dayss", "3 d s", null])(
  "%j is no length of time",
  (span) => {
    expect(() => timeSpanInMs(span)).toThrow(expect.objectContaining({ code: "QR_INVALID_TIME_SPAN" }));
  },
);

test("a time is a Date, a text or a number", () => {
  const ms = Date.UTC(2027, 0, 4, 4);
  expect([timeInMs(new Date(ms)), timeInMs("2027-01-04T04:00:00Z"), timeInMs(ms)]).toEqual([ms, ms, ms]);
  expect(() => timeInMs("soon")).toThrow(expect.objectContaining({ code: "QR_INVALID_TIME" }));
});
