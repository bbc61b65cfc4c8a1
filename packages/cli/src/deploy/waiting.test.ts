import { expect, test } from "vitest";
import { createTestClock, type TestClock } from "../clock/test-clock.js";
import { eventually, lookUntil, sleep } from "./waiting.js";

/** Lets time pass until a promise is settled. */
async function passing<T>(clock: TestClock, promise: Promise<T>): Promise<T> {
  let isSettled = false;
  const settle = () => {
    isSettled = true;
  };
  promise.then(settle, settle);
  while (!isSettled) {
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(100);
  }
  return promise;
}

const failing = (times: number) => {
  let attempts = 0;
  return {
    attempts: () => attempts,
    attempt: async () => {
      attempts += 1;
      if (attempts <= times) throw new Error(`attempt ${attempts}`);
      return "done";
    },
  };
};

test("what mends itself is tried again", async () => {
  const clock = createTestClock(0);
  const { attempt, attempts } = failing(4);
  const done = eventually(attempt, { clock, budgetMs: 60_000, isPassing: () => true });
  expect(await passing(clock, done)).toBe("done");
  expect(attempts()).toBe(5);
  expect(clock.now()).toBeGreaterThan(3_000);
});

test("what does not is thrown at once; what takes too long, when the budget is used up", async () => {
  const clock = createTestClock(0);
  const other = failing(1);
  const refused = eventually(other.attempt, { clock, budgetMs: 60_000, isPassing: () => false });
  await expect(refused).rejects.toThrow("attempt 1");
  const slow = failing(1_000);
  const late = eventually(slow.attempt, { clock, budgetMs: 30_000, isPassing: () => true });
  await expect(passing(clock, late)).rejects.toThrow(`attempt`);
  expect(slow.attempts()).toBeGreaterThan(5);
  expect(clock.now()).toBeLessThanOrEqual(31_000);
});

test("a stop ends waiting at once", async () => {
  const clock = createTestClock(0);
  const stop = new AbortController();
  const { attempt, attempts } = failing(1_000);
  const stopped = eventually(attempt, { clock, stop: stop.signal, budgetMs: 60_000, isPassing: () => true });
  const looking = lookUntil(async () => undefined, { clock, stop: stop.signal, budgetMs: 60_000 });
  const sleeping = sleep(60_000, clock, stop.signal);
  stop.abort(new Error("stopped"));
  await expect(stopped).rejects.toThrow("attempt 1");
  await expect(looking).rejects.toThrow("stopped");
  await sleeping;
  expect([attempts(), clock.now()]).toEqual([1, 0]);
});

test("looks until there is something to see, or the budget is used up", async () => {
  const clock = createTestClock(0);
  let looks = 0;
  const look = async () => (++looks === 3 ? "seen" : undefined);
  expect(await passing(clock, lookUntil(look, { clock, budgetMs: 60_000 }))).toBe("seen");
  const nothing = lookUntil(async () => undefined, { clock, budgetMs: 10_000 });
  expect(await passing(clock, nothing)).toBeUndefined();
});
