import { expect, test } from "vitest";
import { healthOf } from "./health.js";

const facts = { phase: "serving" as const, unansweredSinceMs: [], running: 0, nowMs: 1_000_000 };

test.each(["starting", "stopping"] as const)("is %s while it is", (phase) => {
  expect(healthOf({ ...facts, phase })).toEqual({ status: phase, polling: 0, running: 0 });
});

test("is ok while polls are answered in time, or their queues are busy", () => {
  const unansweredSinceMs = [null, 1_000_000, 1_000_000 - 59_999];
  expect(healthOf({ ...facts, unansweredSinceMs, running: 3 })).toEqual({
    status: "ok",
    polling: 3,
    running: 3,
  });
});

test("is failing when no poll of a queue has been answered for a minute", () => {
  const unansweredSinceMs = [null, 1_000_000 - 60_000, 1_000_000 - 90_000];
  expect(healthOf({ ...facts, unansweredSinceMs })).toMatchObject({
    status: "failing",
    reason: "no poll of 2 queues has been answered for 90 s",
  });
});
