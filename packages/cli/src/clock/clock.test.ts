import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { realClock } from "./real-clock.js";
import { createTestClock } from "./test-clock.js";

describe("the real clock", () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: 1_000_000 });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test("calls back once, not early, unless cancelled", () => {
    const called: string[] = [];
    realClock.at(1_000_000 + 12_345, () => called.push("once"));
    realClock.at(1_000_000 + 12_345, () => called.push("cancelled"))();
    vi.advanceTimersByTime(12_344);
    expect(called).toEqual([]);
    vi.advanceTimersByTime(60_000);
    expect(called).toEqual(["once"]);
  });

  test("notices within seconds that the wall clock has jumped ahead", () => {
    const called: number[] = [];
    realClock.at(1_000_000 + 3_600_000, () => called.push(realClock.now()));
    vi.setSystemTime(1_000_000 + 7_200_000);
    vi.advanceTimersByTime(5_000);
    expect(called).toHaveLength(1);
  });
});

describe("the test clock", () => {
  test("calls back on the way, in order of time, each at its own", () => {
    const clock = createTestClock(0);
    const called: [string, number][] = [];
    clock.at(20, () => called.push(["b", clock.now()]));
    clock.at(10, () => {
      called.push(["a", clock.now()]);
      clock.at(15, () => called.push(["within", clock.now()]));
    });
    clock.at(31, () => called.push(["later", clock.now()]));
    clock.at(12, () => called.push(["cancelled", clock.now()]))();
    expect(clock.nextMs()).toBe(10);
    clock.advance(30);
    expect(clock.nextMs()).toBe(31);
    expect(called).toEqual([
      ["a", 10],
      ["within", 15],
      ["b", 20],
    ]);
    expect(clock.now()).toBe(30);
  });

  test("jumps, and what has fallen due is called back after the jump", () => {
    const clock = createTestClock(1_000);
    const called: number[] = [];
    clock.at(1_500, () => called.push(clock.now()));
    clock.jumpTo(500);
    expect(called).toEqual([]);
    clock.jumpTo(2_000);
    expect(called).toEqual([2_000]);
  });
});
