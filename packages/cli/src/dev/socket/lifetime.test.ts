import { expect, it, vi } from "vitest";
import { createTestClock } from "../../clock/test-clock.js";
import { connectionRate } from "./connection-rate.js";
import { endIdle } from "./lifetime.js";

const MINUTE = 60_000;

it("ends a connection after ten minutes in which nothing was said", () => {
  const clock = createTestClock(0);
  const end = vi.fn();
  const connection = { connectedAt: 0, lastActiveMs: 0 };
  endIdle(connection, clock, end);
  clock.advance(9 * MINUTE);
  connection.lastActiveMs = clock.now();
  clock.advance(9 * MINUTE);
  expect(end).not.toHaveBeenCalled();
  clock.advance(MINUTE);
  expect(end).toHaveBeenCalledOnce();
});

it("ends a connection after two hours, however much is said, and none that has ended", () => {
  const clock = createTestClock(0);
  const end = vi.fn();
  const stopped = vi.fn();
  const connection = { connectedAt: 0, lastActiveMs: 0 };
  endIdle(connection, clock, end);
  endIdle(connection, clock, stopped)();
  for (let minute = 1; minute < 120; minute++) {
    clock.advance(MINUTE);
    connection.lastActiveMs = clock.now();
  }
  expect(end).not.toHaveBeenCalled();
  clock.advance(MINUTE);
  expect(end).toHaveBeenCalledOnce();
  expect(stopped).not.toHaveBeenCalled();
});

it("lets so many connections come in a second", () => {
  let now = 0;
  const mayCome = connectionRate(3, () => now);
  const come = (count: number) => Array.from({ length: count }, mayCome).filter(Boolean).length;
  expect(come(5)).toBe(3);
  now = 999;
  expect(come(1)).toBe(0);
  now = 1_000;
  expect(come(5)).toBe(3);
  now = 10;
  expect(come(5)).toBe(3);
});
