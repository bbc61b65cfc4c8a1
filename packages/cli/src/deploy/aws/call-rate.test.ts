import { expect, test } from "vitest";
import { createTestClock } from "../../clock/test-clock.js";
import { createCallRate } from "./call-rate.js";

const settled = () => new Promise((resolve) => setImmediate(resolve));

test("no second has more calls than it may, and callers pass in their order", async () => {
  const clock = createTestClock(0);
  const pass = createCallRate(11, clock);
  const passed: { caller: number; at: number }[] = [];
  for (let caller = 0; caller < 40; caller += 1)
    void pass().then(() => passed.push({ caller, at: clock.now() }));
  for (let ms = 0; ms < 5_000; ms += 10) {
    await settled();
    clock.advance(10);
  }
  await settled();
  expect(passed.map(({ caller }) => caller)).toEqual(Array.from({ length: 40 }, (_, caller) => caller));
  for (const { at } of passed)
    expect(passed.filter((other) => other.at >= at && other.at < at + 1_000).length).toBeLessThan(12);
  expect(passed.at(-1)?.at).toBeLessThan(4_000);
});

test("a clock that is set back does not hold calls for the time that it lost", async () => {
  const clock = createTestClock(10_000_000);
  const pass = createCallRate(10, clock);
  await pass();
  clock.jumpTo(1_000_000);
  let passed = false;
  void pass().then(() => {
    passed = true;
  });
  await settled();
  expect(passed).toBe(true);
});
