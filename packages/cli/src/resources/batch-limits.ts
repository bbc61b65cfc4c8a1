import type { QueueSettings } from "@queue-run/runtime/config";

/** Least MaximumConcurrency of an event source mapping. Lambda Developer Guide, "Configuring maximum concurrency". */
const MIN_MAXIMUM_CONCURRENCY = 2;

/** How an event source mapping cuts a queue into invocations. */
export type BatchLimits = {
  batchSize: number;
  /** Invocations at once; null: as many as there are instances. */
  maximumConcurrency: number | null;
};

/**
 * A queue's batch size and concurrency, so that no more jobs than `concurrency` run at once: AWS caps invocations, so
 * the batch size gives way until two invocations fit.
 */
export function batchLimits({
  batchSize,
  concurrency,
}: Pick<QueueSettings, "batchSize" | "concurrency">): BatchLimits {
  if (concurrency === null) return { batchSize, maximumConcurrency: null };
  const fitting = Math.max(1, Math.min(batchSize, Math.floor(concurrency / MIN_MAXIMUM_CONCURRENCY)));
  return { batchSize: fitting, maximumConcurrency: Math.floor(concurrency / fitting) };
}
