import { expect, test } from "vitest";
import { createTestClock } from "../../clock/test-clock.js";
import { createProbe } from "./probe.js";

const settled = () => new Promise((resolve) => setImmediate(resolve));

function waiting() {
  const clock = createTestClock(0);
  const stop = new AbortController().signal;
  const isPassing = (error: unknown) => (error as Error).message === "not yet";
  return { clock, options: { clock, stop, budgetMs: 60_000, isPassing } };
}

test("one of many tries until it gets through; then the others do, with a call each", async () => {
  const { clock, options } = waiting();
  const probe = createProbe();
  let calls = 0;
  const attempt = async () => {
    calls += 1;
    if (clock.now() < 10_000) throw new Error("not yet");
    return "done";
  };
  const all = Promise.all(Array.from({ length: 50 }, () => probe(attempt, options)));
  for (let ms = 0; ms < 15_000; ms += 250) {
    await settled();
    clock.advance(250);
  }
  expect(await all).toHaveLength(50);
  expect(calls).toBeLessThan(50 + 15);
});

test("another failure is its own; the others go on", async () => {
  const { options } = waiting();
  const probe = createProbe();
  const wrong = probe(async () => {
    throw new Error("wrong");
  }, options);
  const right = probe(async () => "done", options);
  await expect(wrong).rejects.toThrow("wrong");
  expect(await right).toBe("done");
});

test("when the one gives up, so do the others", async () => {
  const { clock, options } = waiting();
  const probe = createProbe();
  const attempt = async () => {
    throw new Error("not yet");
  };
  const all = [probe(attempt, options), probe(attempt, options), probe(attempt, options)];
  const outcomes = Promise.allSettled(all);
  for (let ms = 0; ms < 61_000; ms += 500) {
    await settled();
    clock.advance(500);
  }
  expect((await outcomes).map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
});
