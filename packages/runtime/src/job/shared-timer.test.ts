import { expect, test, vi } from "vitest";
import { createSharedTimer } from "./shared-timer.js";
import { createFakeClock } from "./testing/fake-clock.js";

/** A shared timer, and the clock beneath, on which it sets its timers. */
function started() {
  const clock = createFakeClock(0);
  const at = vi.spyOn(clock, "at");
  const timer = createSharedTimer(clock);
  const rung: string[] = [];
  const ring = (atMs: number, name: string) => timer.at(atMs, () => void rung.push(`${name} ${clock.now()}`));
  return { clock, timer, rung, ring, at };
}

test("everything is called at its time, in order", async () => {
  const { clock, rung, ring } = started();
  ring(300, "c");
  ring(100, "a");
  ring(200, "b");
  ring(Number.POSITIVE_INFINITY, "never");
  await clock.advance(250);
  expect(rung).toEqual(["a 100", "b 200"]);
  await clock.advance(1_000);
  expect(rung).toEqual(["a 100", "b 200", "c 300"]);
});

test("what comes later takes no timer until it is the earliest", async () => {
  const { clock, rung, ring, at } = started();
  ring(100, "a");
  for (let index = 0; index < 50; index++) ring(200 + index, `later ${index}`);
  expect(at).toHaveBeenCalledOnce();
  await clock.advance(201);
  expect(rung).toEqual(["a 100", "later 0 200", "later 1 201"]);
});

test("what is cancelled is not called, not even by one that is due with it", async () => {
  const { clock, timer, rung, ring } = started();
  ring(100, "a")();
  let cancel = () => {};
  timer.at(200, () => cancel());
  cancel = ring(200, "b");
  await clock.advance(500);
  expect(rung).toEqual([]);
});

test("after a timer that rang too early, its time is waited for again", async () => {
  const { clock, rung, ring, at } = started();
  at.mockImplementationOnce((atMs, callback) => clock.at(atMs - 1, callback));
  ring(100, "a");
  await clock.advance(99);
  expect(rung).toEqual([]);
  await clock.advance(1);
  expect(rung).toEqual(["a 100"]);
});

test("once stopped, nothing is called, and it can be used again", async () => {
  const { clock, timer, rung, ring } = started();
  ring(100, "a");
  timer.stop();
  ring(200, "b");
  await clock.advance(500);
  expect(rung).toEqual(["b 200"]);
});
