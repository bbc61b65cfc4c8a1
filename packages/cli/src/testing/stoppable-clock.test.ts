import { expect, test } from "vitest";
import { createTestClock } from "../clock/test-clock.js";
import { createStoppableClock } from "./stoppable-clock.js";

test("calls back until it is stopped, and never after", () => {
  const clock = createTestClock(0);
  const stoppable = createStoppableClock(clock);
  const called: string[] = [];
  stoppable.at(10, () => called.push("before"));
  stoppable.at(10, () => called.push("cancelled"))();
  stoppable.at(20, () => called.push("after"));
  clock.advance(15);
  stoppable.stop();
  stoppable.at(18, () => called.push("later"));
  clock.advance(15);
  expect(called).toEqual(["before"]);
  expect([stoppable.now(), clock.nextMs()]).toEqual([30, null]);
});
