import { describe, expect, test } from "vitest";
import { AwsError } from "./aws-error.js";
import { createRetryQuota, type RetryQuota, retryDelayMs, withRetries } from "./retry.js";

const throttled = new AwsError({ name: "RequestThrottled", message: "slow down", status: 403 });
const broken = new AwsError({ name: "TimeoutError", code: "ECONNRESET", message: "socket hang up" });
const refused = new AwsError({ name: "AccessDenied", message: "no", status: 403 });

/** Calls what fails that often, and says what was waited. */
async function call(failures: unknown[], quota: RetryQuota = createRetryQuota(), maxAttempts?: number) {
  const slept: number[] = [];
  const clock = {
    random: () => 0.5,
    sleep: async (milliseconds: number) => {
      slept.push(milliseconds);
    },
  };
  let attempts = 0;
  const attempt = async (number: number): Promise<string> => {
    attempts = number;
    if (number <= failures.length) throw failures[number - 1];
    return "done";
  };
  const outcome = await withRetries(attempt, { quota, clock, maxAttempts }).catch((error: unknown) => error);
  return { outcome, attempts, slept };
}

describe("a call", () => {
  test("is tried three times, with a pause that doubles", async () => {
    expect(await call([broken, broken])).toEqual({ outcome: "done", attempts: 3, slept: [25, 50] });
    expect(await call([broken, broken, broken])).toMatchObject({ outcome: { attempts: 3 }, slept: [25, 50] });
  });

  test("that is throttled pauses longer", async () => {
    expect((await call([throttled, throttled])).slept).toEqual([500, 1_000]);
  });

  test("that AWS refuses, or that is our own fault, is not tried again", async () => {
    expect(await call([refused])).toMatchObject({ outcome: refused, attempts: 1 });
    expect(await call([new TypeError("bug")])).toMatchObject({ outcome: { message: "bug" }, attempts: 1 });
  });

  test("is tried as often as it is told", async () => {
    expect((await call([broken], createRetryQuota(), 1)).attempts).toBe(1);
  });
});

describe("the quota", () => {
  test("stops retries when it is empty, and successes refill it", async () => {
    const quota = { tokens: 14 };
    expect((await call([broken, broken, broken], quota)).attempts).toBe(2);
    expect(quota.tokens).toBe(0);
    await call([], quota);
    expect(quota.tokens).toBe(1);
  });

  test("gives back what a retry that helped has cost", async () => {
    const quota = { tokens: 100 };
    await call([throttled], quota);
    expect(quota.tokens).toBe(100);
  });
});

describe("the pause", () => {
  test("is at most 20 seconds", () => {
    expect(retryDelayMs("throttling", 10, 1, null)).toBe(20_000);
  });

  test.each([
    [100, 100],
    [5_025, 5_025],
    [60_000, 5_025],
    [-5, 25],
    [1, 25],
  ])("for a Retry-After of %i ms is %i ms", (retryAfterMs, expected) => {
    expect(retryDelayMs("transient", 0, 0.5, retryAfterMs)).toBe(expected);
  });
});
