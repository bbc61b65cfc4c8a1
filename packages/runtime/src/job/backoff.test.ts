import fc from "fast-check";
import { expect, test } from "vitest";
import { MAX_RETRY_DELAY_SECONDS, retryDelaySeconds } from "./backoff.js";

const middle = () => 0.5;

test("exponential doubles, linear adds, none waits for nothing", () => {
  const delays = (backoff: "exponential" | "linear" | "none") =>
    [1, 2, 3, 4].map((attempt) => retryDelaySeconds({ backoff, backoffDelaySeconds: 10 }, attempt, middle));
  expect(delays("exponential")).toEqual([10, 20, 40, 80]);
  expect(delays("linear")).toEqual([10, 20, 30, 40]);
  expect(delays("none")).toEqual([0, 0, 0, 0]);
});

test("a fraction of a second is rounded up, and a delay of nothing is nothing", () => {
  expect(retryDelaySeconds({ backoff: "linear", backoffDelaySeconds: 0.1 }, 1, middle)).toBe(1);
  expect(retryDelaySeconds({ backoff: "exponential", backoffDelaySeconds: 0 }, 3, middle)).toBe(0);
});

test("any delay is whole seconds, within 20% of its rule and never above eleven hours", () => {
  fc.assert(
    fc.property(
      fc.constantFrom("exponential" as const, "linear" as const),
      fc.double({ min: 0.001, max: 100_000, noNaN: true }),
      fc.integer({ min: 1, max: 91 }),
      fc.double({ min: 0, max: 0.999999, noNaN: true }),
      (backoff, base, attempt, random) => {
        const exact = backoff === "linear" ? base * attempt : base * 2 ** (attempt - 1);
        const delay = retryDelaySeconds({ backoff, backoffDelaySeconds: base }, attempt, () => random);
        expect(Number.isInteger(delay)).toBe(true);
        expect(delay).toBeLessThanOrEqual(MAX_RETRY_DELAY_SECONDS);
        expect(delay).toBeGreaterThanOrEqual(Math.min(exact * 0.8 * (1 - 1e-9), MAX_RETRY_DELAY_SECONDS));
        expect(delay).toBeLessThanOrEqual(Math.ceil(exact * 1.2 * (1 + 1e-9)));
      },
    ),
  );
});
