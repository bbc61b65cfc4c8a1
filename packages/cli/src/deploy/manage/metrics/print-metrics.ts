import { durationText } from "../../../terminal/duration-text.js";
import { columns } from "../../../terminal/served-table.js";
import type { FunctionMetrics } from "./function-metrics.js";

const HEADINGS = [
  "",
  "invoked",
  "errors",
  "throttled",
  "average",
  "p99",
  "sent",
  "done",
  "failed",
  "oldest",
  "attempts",
  "failing",
  "p99 of one",
  "p99 age",
];

/** A line for each function. */
export function metricsText(metrics: readonly FunctionMetrics[], sinceText: string): string {
  const rows = metrics.map(({ id, invocations, errors, throttles, averageMs, p99Ms, queue }) => [
    id,
    count(invocations),
    count(errors),
    count(throttles),
    duration(averageMs),
    duration(p99Ms),
    ...(queue
      ? [
          count(queue.sent),
          count(queue.deleted),
          count(queue.deadLettered),
          duration(queue.oldestSeconds === null ? null : queue.oldestSeconds * 1_000),
          count(queue.attempts),
          count(queue.failedAttempts),
          duration(queue.attemptP99Ms),
          duration(queue.ageP99Ms),
        ]
      : []),
  ]);
  return [
    `Since ${sinceText}. CloudWatch lags by some minutes; - where it has nothing.`,
    "",
    ...columns([HEADINGS, ...rows]),
  ].join("\n");
}

function duration(value: number | null): string {
  return value === null ? "-" : durationText(value);
}

function count(value: number | null): string {
  return value === null ? "-" : Math.round(value).toLocaleString("en-US");
}
