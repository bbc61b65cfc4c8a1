import type { CancelTarget, JobStatus } from "./queue-types.js";

type Records = typeof import("../records/on-first-record.js");

/** What asks for records is loaded when something does. */
function records(): Promise<Records> {
  return import("../records/on-first-record.js");
}

/** @param queueName - null: every tracked queue */
export async function cancel(queueName: string | null, target: CancelTarget): Promise<{ cancelled: number }> {
  const { cancelEverywhere, cancelInQueue } = await records();
  return queueName === null ? cancelEverywhere(target) : cancelInQueue(queueName, target);
}

export async function status(queueName: string, jobId: string): Promise<JobStatus | null> {
  const { readStatus } = await records();
  return readStatus(queueName, jobId);
}

export async function result(
  queueName: string,
  jobId: string,
  options: { timeout?: unknown } | undefined,
): Promise<unknown> {
  const { awaitResult } = await records();
  return awaitResult(queueName, jobId, options);
}
