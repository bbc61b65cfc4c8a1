import fc from "fast-check";
import { expect, test } from "vitest";
import { functionTimeoutSeconds, reportingReserveMs, visibilityTimeoutSeconds } from "./timeouts.js";

test("a standard queue's jobs run together, a FIFO queue's may run one after another", () => {
  expect(functionTimeoutSeconds({ timeoutSeconds: 60, batchSize: 10 }, false)).toBe(70);
  expect(functionTimeoutSeconds({ timeoutSeconds: 60, batchSize: 10 }, true)).toBe(610);
  expect(functionTimeoutSeconds({ timeoutSeconds: 890, batchSize: 1 }, true)).toBe(900);
  expect(functionTimeoutSeconds({ timeoutSeconds: 0.5, batchSize: 1 }, false)).toBe(11);
});

test("visibility is six times the function's timeout, and the window", () => {
  expect(visibilityTimeoutSeconds({ timeoutSeconds: 60, batchSize: 10, batchWindowSeconds: 20 }, false)).toBe(
    440,
  );
  expect(
    visibilityTimeoutSeconds({ timeoutSeconds: 890, batchSize: 1, batchWindowSeconds: 300 }, false),
  ).toBe(5_700);
});

test("what is kept back to report never cuts short a job that the function's timeout was made for", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 890 }),
      fc.integer({ min: 1, max: 10 }),
      (timeoutSeconds, batchSize) => {
        fc.pre(timeoutSeconds * batchSize + 10 <= 900);
        const invocationMs = functionTimeoutSeconds({ timeoutSeconds, batchSize }, true) * 1000;
        expect(invocationMs - reportingReserveMs(invocationMs)).toBeGreaterThanOrEqual(
          timeoutSeconds * batchSize * 1000,
        );
      },
    ),
  );
});
