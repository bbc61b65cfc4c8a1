/** The metrics of a queue's jobs, by the names that CloudWatch has them under. */
export const METRICS = {
  /** Attempts that ended. */
  jobs: { Name: "Jobs", Unit: "Count" },
  /** Attempts that failed: of jobs to be retried, and of those that were given up. */
  failures: { Name: "Failures", Unit: "Count" },
  /** Of an attempt. */
  duration: { Name: "Duration", Unit: "Milliseconds" },
  /** How long ago a job was due when the delivery began that it was attempted in. */
  age: { Name: "Age", Unit: "Milliseconds" },
} as const;

/** Where CloudWatch has them. */
export const METRICS_NAMESPACE = "queue-run";

/** What tells the metrics of one queue from another's. */
export type MetricsDimensions = { Project: string; Stage: string; Queue: string };
