import { expect, it } from "vitest";
import { durationText } from "./duration-text.js";

it.each([
  [0.42, "0.4 ms"],
  [12.4, "12 ms"],
  [1_500, "1.5 s"],
  [2_000, "2 s"],
  [60_000, "1 min"],
  [125_000, "2 min 5 s"],
  [7_380_000, "2 h 3 min"],
])("%d ms is %s", (ms, text) => {
  expect(durationText(ms)).toBe(text);
});
