import { physicalQueueNames } from "@queue-run/runtime/names";
import { METRICS, METRICS_NAMESPACE, type MetricsDimensions } from "@queue-run/runtime/wire";
import type { MetricQuery, MetricValues } from "../../actual/read-metrics.js";
import type { StageScope } from "../../desired/desired-state.js";
import type { DeployedFunction } from "../deployed-stage.js";

/** How a function has fared in a time. Null: CloudWatch has nothing on it. */
export type FunctionMetrics = {
  /** "queue:emails", "api" */
  id: string;
  /** Invocations: deliveries of a queue's jobs, requests of the API. */
  invocations: number | null;
  /** Invocations that threw, timed out or ran out of memory; a job that failed is not one. */
  errors: number | null;
  throttles: number | null;
  averageMs: number | null;
  p99Ms: number | null;
  /** Of a queue's function. */
  queue: {
    /** Messages sent, those that SQS took as duplicates too. */
    sent: number | null;
    /** Messages deleted: jobs that are over. */
    deleted: number | null;
    deadLettered: number | null;
    /** The longest that a message waited, in seconds. */
    oldestSeconds: number | null;
    /** Attempts at jobs, as the runtime counts them. */
    attempts: number | null;
    failedAttempts: number | null;
    /** Of an attempt. */
    attemptP99Ms: number | null;
    /** How long jobs had been due when their delivery began. */
    ageP99Ms: number | null;
  } | null;
};

/** One period over the whole time gives one number of each. */
export function metricQueries(
  stage: Pick<StageScope, "project" | "stage">,
  functions: readonly DeployedFunction[],
): MetricQuery[] {
  return functions.flatMap(({ id, physicalName }) => {
    const ofFunction = (metric: string, statistic: string): MetricQuery => ({
      key: `${id} ${metric} ${statistic}`,
      namespace: "AWS/Lambda",
      metric,
      dimensions: { FunctionName: physicalName },
      statistic,
    });
    const ofQueue = (label: string, queue: string, metric: string, statistic: string): MetricQuery => ({
      key: `${id} ${label}`,
      namespace: "AWS/SQS",
      metric,
      dimensions: { QueueName: queue },
      statistic,
    });
    const queries = [
      ofFunction("Invocations", "Sum"),
      ofFunction("Errors", "Sum"),
      ofFunction("Throttles", "Sum"),
      ofFunction("Duration", "Average"),
      ofFunction("Duration", "p99"),
    ];
    const name = queueNameOf(id);
    if (name === null) return queries;
    const { queue, deadLetterQueue } = physicalQueueNames({ ...stage, name });
    const ofJobs = (label: string, metric: keyof typeof METRICS, statistic: string): MetricQuery => {
      const dimensions: MetricsDimensions = { Project: stage.project, Stage: stage.stage, Queue: name };
      const { Name } = METRICS[metric];
      return { key: `${id} ${label}`, namespace: METRICS_NAMESPACE, metric: Name, dimensions, statistic };
    };
    return [
      ...queries,
      ofQueue("sent", queue, "NumberOfMessagesSent", "Sum"),
      ofQueue("deleted", queue, "NumberOfMessagesDeleted", "Sum"),
      ofQueue("oldest", queue, "ApproximateAgeOfOldestMessage", "Maximum"),
      // The runtime sends dead letters itself; what SQS's own redrive moves is not counted as sent.
      ofQueue("dead letters", deadLetterQueue, "NumberOfMessagesSent", "Sum"),
      ofJobs("attempts", "jobs", "Sum"),
      ofJobs("failed attempts", "failures", "Sum"),
      ofJobs("attempt p99", "duration", "p99"),
      ofJobs("age p99", "age", "p99"),
    ];
  });
}

/** @param values - of `metricQueries`. Where CloudWatch gave several periods, they are put together */
export function toFunctionMetrics(
  functions: readonly DeployedFunction[],
  values: MetricValues,
): FunctionMetrics[] {
  const sum = (key: string) => {
    const found = values.get(key);
    return found && found.length > 0 ? found.reduce((total, value) => total + value, 0) : null;
  };
  const maximum = (key: string) => {
    const found = values.get(key);
    return found && found.length > 0 ? Math.max(...found) : null;
  };
  const average = (key: string) => {
    const total = sum(key);
    return total === null ? null : total / (values.get(key)?.length ?? 1);
  };
  return functions.map(({ id }) => ({
    id,
    invocations: sum(`${id} Invocations Sum`),
    errors: sum(`${id} Errors Sum`),
    throttles: sum(`${id} Throttles Sum`),
    averageMs: average(`${id} Duration Average`),
    p99Ms: maximum(`${id} Duration p99`),
    queue:
      queueNameOf(id) === null
        ? null
        : {
            sent: sum(`${id} sent`),
            deleted: sum(`${id} deleted`),
            deadLettered: sum(`${id} dead letters`),
            oldestSeconds: maximum(`${id} oldest`),
            attempts: sum(`${id} attempts`),
            failedAttempts: sum(`${id} failed attempts`),
            attemptP99Ms: maximum(`${id} attempt p99`),
            ageP99Ms: maximum(`${id} age p99`),
          },
  }));
}

function queueNameOf(id: string): string | null {
  return id.startsWith("queue:") ? id.slice("queue:".length) : null;
}
