import { expect, test } from "vitest";
import { createTestClock } from "../clock/test-clock.js";
import { sleep } from "./waiting.js";

test("as many as there are steps may wait for the same stop, without a warning of Node's", async () => {
  const warnings: Error[] = [];
  const note = (warning: Error) => warnings.push(warning);
  process.on("warning", note);
  const clock = createTestClock(0);
  const stop = new AbortController();
  const waits = Array.from({ length: 40 }, () => sleep(1_000, clock, stop.signal));
  stop.abort();
  await Promise.all(waits);
  // Node warns in a turn of its own.
  await new Promise((resolve) => setImmediate(resolve));
  process.removeListener("warning", note);
  expect(warnings).toEqual([]);
});
