import type { Aws } from "../aws/connect.js";
import { type MetricQuery, readMetrics } from "./read-metrics.js";

/** The metric comes once a minute, some minutes late. */
const WITHIN_MS = 10 * 60_000;

/**
 * How long the oldest message of each queue has been there, as CloudWatch saw it last.
 *
 * @param physicalNames - of queues
 * @returns seconds by physical name; queues that CloudWatch says nothing of are left out
 */
export async function readOldestMessages(
  aws: Aws,
  physicalNames: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  if (physicalNames.length === 0) return new Map();
  const toMs = aws.clock.now();
  const queries = physicalNames.map(
    (value): MetricQuery => ({
      key: value,
      namespace: "AWS/SQS",
      metric: "ApproximateAgeOfOldestMessage",
      dimensions: { QueueName: value },
      statistic: "Maximum",
    }),
  );
  const values = await readMetrics(aws, queries, { fromMs: toMs - WITHIN_MS, toMs, periodSeconds: 60 });
  return new Map(
    [...values].flatMap(([name, found]) => found.slice(-1).map((last) => [name, last] as const)),
  );
}
