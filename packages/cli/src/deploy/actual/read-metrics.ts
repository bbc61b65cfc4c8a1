import { GetMetricDataCommand, type MetricDataQuery } from "@aws-sdk/client-cloudwatch";
import { cloudwatch } from "../aws/cloudwatch.js";
import type { Aws } from "../aws/connect.js";

/** What is asked of CloudWatch: one number for each period. */
export type MetricQuery = {
  /** Distinct among the queries; any text. */
  key: string;
  namespace: string;
  metric: string;
  /** By name: all that the metric has. */
  dimensions: Readonly<Record<string, string>>;
  /** "Sum", "Maximum", "Average", "p99". */
  statistic: string;
};

/** Values of a query's periods that have any, oldest first. */
export type MetricValues = ReadonlyMap<string, readonly number[]>;

/** The most that one call may ask for. CloudWatch API Reference, GetMetricData. */
const MAX_QUERIES = 500;

/**
 * @param range - in milliseconds since 1970, and how long a period is
 * @returns the values by the queries' keys
 */
export async function readMetrics(
  aws: Aws,
  queries: readonly MetricQuery[],
  { fromMs, toMs, periodSeconds }: { fromMs: number; toMs: number; periodSeconds: number },
): Promise<MetricValues> {
  const values = new Map<string, number[]>();
  for (let from = 0; from < queries.length; from += MAX_QUERIES) {
    const asked = queries.slice(from, from + MAX_QUERIES);
    const MetricDataQueries = asked.map((query, at) => toQuery(query, at, periodSeconds));
    let NextToken: string | undefined;
    do {
      const answer = await cloudwatch(aws).send(
        new GetMetricDataCommand({
          StartTime: new Date(fromMs),
          EndTime: new Date(toMs),
          ScanBy: "TimestampAscending",
          MetricDataQueries,
          NextToken,
        }),
      );
      for (const { Id = "", Values = [] } of answer.MetricDataResults ?? []) {
        const key = asked[Number(Id.slice(1))]?.key;
        if (key !== undefined) values.set(key, [...(values.get(key) ?? []), ...Values]);
      }
      NextToken = answer.NextToken;
    } while (NextToken !== undefined);
  }
  return values;
}

function toQuery(
  { namespace, metric, dimensions, statistic }: MetricQuery,
  at: number,
  Period: number,
): MetricDataQuery {
  return {
    Id: `m${at}`,
    MetricStat: {
      Metric: {
        Namespace: namespace,
        MetricName: metric,
        Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
      },
      Period,
      Stat: statistic,
    },
  };
}
