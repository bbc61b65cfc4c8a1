import { expect, test } from "vitest";
import { metricQueries, toFunctionMetrics } from "./function-metrics.js";
import { metricsText } from "./print-metrics.js";

const STAGE = { project: "shop", stage: "prod" };
const API = { id: "api", physicalName: "shop-prod-api", version: "3" };
const ORDERS = { id: "queue:orders.fifo", physicalName: "shop-prod-queue-orders-fifo", version: "1" };

test("asks for a queue's messages by its physical names, and for its function", () => {
  const queries = metricQueries(STAGE, [API, ORDERS]);
  expect(queries.filter(({ dimensions }) => dimensions.FunctionName === "shop-prod-api")).toHaveLength(5);
  const asked = queries
    .filter(({ namespace }) => namespace === "AWS/SQS")
    .map(({ metric, dimensions, statistic }) => [dimensions.QueueName, metric, statistic]);
  expect(asked).toEqual([
    ["shop-prod-orders.fifo", "NumberOfMessagesSent", "Sum"],
    ["shop-prod-orders.fifo", "NumberOfMessagesDeleted", "Sum"],
    ["shop-prod-orders.fifo", "ApproximateAgeOfOldestMessage", "Maximum"],
    ["shop-prod-orders-dlq.fifo", "NumberOfMessagesSent", "Sum"],
  ]);
  const ofJobs = queries.filter(({ namespace }) => namespace === "queue-run");
  expect(ofJobs.map(({ metric, statistic }) => `${metric} ${statistic}`)).toEqual([
    "Jobs Sum",
    "Failures Sum",
    "Duration p99",
    "Age p99",
  ]);
  expect(ofJobs[0]?.dimensions).toEqual({ Project: "shop", Stage: "prod", Queue: "orders.fifo" });
  expect(new Set(queries.map(({ key }) => key)).size).toBe(queries.length);
});

test("puts periods together: sums, the largest, the average; null where there is nothing", () => {
  const values = new Map([
    ["queue:orders.fifo Invocations Sum", [3, 4]],
    ["queue:orders.fifo Duration Average", [100, 300]],
    ["queue:orders.fifo Duration p99", [900, 400]],
    ["queue:orders.fifo oldest", [5, 65]],
    ["queue:orders.fifo dead letters", [0]],
    ["queue:orders.fifo attempts", [7, 5]],
    ["queue:orders.fifo failed attempts", [5]],
    ["queue:orders.fifo attempt p99", [80, 20]],
    ["queue:orders.fifo age p99", [1_500]],
  ]);
  expect(toFunctionMetrics([API, ORDERS], values)).toEqual([
    {
      id: "api",
      invocations: null,
      errors: null,
      throttles: null,
      averageMs: null,
      p99Ms: null,
      queue: null,
    },
    {
      id: "queue:orders.fifo",
      invocations: 7,
      errors: null,
      throttles: null,
      averageMs: 200,
      p99Ms: 900,
      queue: {
        sent: null,
        deleted: null,
        deadLettered: 0,
        oldestSeconds: 65,
        attempts: 12,
        failedAttempts: 5,
        attemptP99Ms: 80,
        ageP99Ms: 1_500,
      },
    },
  ]);
});

test("is printed as a table with its headings", () => {
  const values = new Map([
    ["queue:orders.fifo Invocations Sum", [1200]],
    ["queue:orders.fifo oldest", [65]],
  ]);
  const text = metricsText(toFunctionMetrics([API, ORDERS], values), "2026-11-22T00:00:00.000Z");
  expect(text).toMatch(/invoked +errors +throttled +average +p99 +sent +done +failed +oldest/);
  expect(text).toMatch(/queue:orders\.fifo +1,200 +- .*1 min 5 s/);
});
