import { InvalidArgumentError } from "commander";
import { expect, test } from "vitest";
import { sinceArgument } from "./since-argument.js";

test.each([
  ["10m", 600_000],
  ["2h", 7_200_000],
  ["60", 60_000],
  ["5", 5_000],
  ["0", 0],
  ["2999-01-01", 0],
])("%s ago", (text, milliseconds) => {
  expect(sinceArgument(text)).toBe(milliseconds);
});

test("a time in ISO 8601 is as long ago as it is", () => {
  const ago = sinceArgument("2020-01-01T00:00:00Z");
  expect(Math.abs(Date.now() - Date.parse("2020-01-01T00:00:00Z") - ago)).toBeLessThan(5_000);
});

test.each(["x", "", "-5", "10x", "May 5", "yesterday 1"])("%j is refused", (text) => {
  expect(() => sinceArgument(text)).toThrow(InvalidArgumentError);
});
