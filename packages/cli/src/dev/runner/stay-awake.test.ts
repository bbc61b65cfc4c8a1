import { expect, test } from "vitest";
import { stayAwake } from "./stay-awake.js";

function simulated() {
  let nowMs = 100;
  let turns: (() => void)[] = [];
  const given = stayAwake({ now: () => nowMs, turn: (callback) => turns.push(callback) });
  return {
    given,
    wait: (ms: number) => {
      nowMs += ms;
    },
    /** Lets the event loop turn until it would sleep; each turn takes a tenth of a millisecond. */
    turnsUntilSleep() {
      let count = 0;
      for (; turns.length > 0; count++) {
        nowMs += 0.1;
        for (const callback of turns.splice(0)) callback();
      }
      turns = [];
      return count;
    },
  };
}

test("after a silence the event loop turns for a millisecond, and then sleeps", () => {
  const { given, wait, turnsUntilSleep } = simulated();
  given();
  expect(turnsUntilSleep()).toBeGreaterThanOrEqual(9);
  expect(turnsUntilSleep()).toBe(0);
  wait(50);
  given();
  expect(turnsUntilSleep()).toBeLessThanOrEqual(11);
});

test("while one thing follows the other, it costs nothing", () => {
  const { given, wait, turnsUntilSleep } = simulated();
  given();
  turnsUntilSleep();
  for (let n = 0; n < 100; n++) {
    given();
    expect(turnsUntilSleep()).toBe(0);
    wait(0.9);
  }
});
