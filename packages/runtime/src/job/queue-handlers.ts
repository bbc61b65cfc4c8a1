import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { UserModule } from "../lambda/functions.js";
import { isReference, referenceState } from "../queue/reference-state.js";
import type { QueueBatchHandler, QueueHandler } from "./job-metadata.js";

/** Exports of a queue's file that are functions and yet no jobs. */
const NOT_JOBS = new Set(["batch", "config"]);

/** What a queue's file exports, as far as running its jobs goes. */
export type QueueHandlers = {
  jobs: Map<string, QueueHandler>;
  /** Handles default jobs, many in a call, in place of the default export. */
  batch: QueueBatchHandler | null;
  /** What payloads must fit: of `queues.self({ schema })`. */
  schema: StandardSchemaV1 | null;
};

/**
 * Reads a queue file's exports: the default export and every other exported function is a job, `batch` handles many
 * default jobs in a call. References (`export const queue = queues.self()`) can be called, and are no jobs; the schema is
 * theirs, or that of the reference whose `handler` made a job.
 *
 * @param module - the exports by name
 * @param queueName - references to other queues say nothing of this one's payloads
 */
export function readQueueHandlers(module: UserModule, queueName: string): QueueHandlers {
  const jobs = new Map<string, QueueHandler>();
  let schema: StandardSchemaV1 | null = null;
  for (const name of Object.keys(module)) {
    const value = module[name];
    if (!NOT_JOBS.has(name) && isJob(value)) jobs.set(name, value);
    const state = referenceState(value);
    if (state?.queueName === queueName) schema ??= state.schema;
  }
  const { batch } = module;
  return { jobs, batch: isJob(batch) ? (batch as unknown as QueueBatchHandler) : null, schema };
}

function isJob(value: unknown): value is QueueHandler {
  return typeof value === "function" && !isReference(value);
}
