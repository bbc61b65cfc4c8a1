import { expect, it } from "vitest";
import { batchLimits } from "./batch-limits.js";

it.each([
  { batchSize: 10, concurrency: null, expected: { batchSize: 10, maximumConcurrency: null } },
  { batchSize: 10, concurrency: 100, expected: { batchSize: 10, maximumConcurrency: 10 } },
  { batchSize: 10, concurrency: 5, expected: { batchSize: 2, maximumConcurrency: 2 } },
  { batchSize: 10, concurrency: 2, expected: { batchSize: 1, maximumConcurrency: 2 } },
  { batchSize: 1, concurrency: 7, expected: { batchSize: 1, maximumConcurrency: 7 } },
])("$concurrency jobs at once in batches of $batchSize", ({ expected, ...settings }) => {
  const limits = batchLimits(settings);
  expect(limits).toEqual(expected);
  if (settings.concurrency && limits.maximumConcurrency)
    expect(limits.batchSize * limits.maximumConcurrency).toBeLessThanOrEqual(settings.concurrency);
});
