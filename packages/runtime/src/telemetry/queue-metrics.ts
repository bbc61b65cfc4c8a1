import type { InstanceConfig } from "../config/instance.js";
import type { JobRecord } from "../job/job-record.js";
import { EMF_MAX_VALUES } from "../limits/index.js";
import { METRICS, METRICS_NAMESPACE, type MetricsDimensions } from "./metric-names.js";

/** What happened to the jobs of one invocation. */
export type InvocationMetrics = {
  /** An attempt ended. */
  ended(record: JobRecord, durationMs: number, failed: boolean): void;
  /** Writes them down, where there is anything to tell. */
  write(): void;
};

/**
 * Counts what becomes of a queue's jobs, and writes it in CloudWatch's embedded metric format: one line for each
 * invocation, which CloudWatch makes metrics of as it takes the log in. CloudWatch User Guide, "Specification: Embedded
 * metric format".
 *
 * @param write - takes a line with its newline
 * @returns a function that begins an invocation, at `startedAtMs` milliseconds since 1970; null where there is no log
 *   that CloudWatch reads, in development, or where the project wants none
 */
export function createQueueMetrics(
  instance: InstanceConfig | null,
  queueName: string,
  write: (line: string) => void = (line) => process.stdout.write(line),
): ((startedAtMs: number, requestId: string) => InvocationMetrics) | null {
  if (!instance || instance.readableLogs || instance.metrics === false) return null;
  const dimensions: MetricsDimensions = {
    Project: instance.project,
    Stage: instance.stage,
    Queue: queueName,
  };
  const directive = JSON.stringify([
    { Namespace: METRICS_NAMESPACE, Dimensions: [Object.keys(dimensions)], Metrics: Object.values(METRICS) },
  ]);
  const labels = JSON.stringify(dimensions).slice(1, -1);
  const line = (startedAtMs: number, requestId: string, { failures, durations, ages }: Counted): string =>
    `{"_aws":{"Timestamp":${startedAtMs},"CloudWatchMetrics":${directive}},${labels},"requestId":${JSON.stringify(requestId)},"Jobs":${durations.length},"Failures":${failures},"Duration":[${durations}],"Age":[${ages}]}\n`;

  return (startedAtMs, requestId) => {
    let counted = nothingCounted();
    const writeDown = (): void => {
      if (counted.durations.length === 0) return;
      write(line(startedAtMs, requestId, counted));
      counted = nothingCounted();
    };
    return {
      ended({ message, envelope }, durationMs, failed) {
        if (failed) counted.failures++;
        counted.durations.push(Math.round(durationMs));
        const dueAtMs = envelope?.dueAt ?? Number(message.attributes.SentTimestamp);
        counted.ages.push(Math.max(0, Math.round(startedAtMs - dueAtMs)) || 0);
        if (counted.durations.length === EMF_MAX_VALUES) writeDown();
      },
      write: writeDown,
    };
  };
}

/** By the jobs that ended, in their order. */
type Counted = { failures: number; durations: number[]; ages: number[] };

function nothingCounted(): Counted {
  return { failures: 0, durations: [], ages: [] };
}
