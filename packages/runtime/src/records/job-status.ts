import { unreachable } from "../errors/record-errors.js";
import type { JobStatus } from "../queue/queue-types.js";
import type { StoredRecord } from "./record-store.js";
import { resolveRecords } from "./resolve-records.js";

/**
 * @returns where a job of a queue is; null where the queue has no such job, or has forgotten it
 * @throws QR_NOT_TRACKED, QR_RECORDS_UNREACHABLE
 */
export async function readStatus(queueName: string, jobId: string): Promise<JobStatus | null> {
  const record = await readRecord(queueName, jobId, "A job's status");
  return record && toJobStatus(record);
}

/** @throws as `readStatus` */
export async function readRecord(
  queueName: string,
  jobId: string,
  what: string,
): Promise<StoredRecord | null> {
  const { records, link } = resolveRecords(queueName, what);
  if (typeof jobId !== "string" || jobId === "") return null;
  return unreachable(link.name, what, () => records.read({ queueName: link.name, jobId }));
}

/** A record, as users are told of it. */
export function toJobStatus(record: StoredRecord): JobStatus {
  const { error } = record;
  return {
    jobId: record.jobId,
    queueName: record.queueName,
    job: record.job,
    status: record.status,
    attempt: record.attempt,
    maxAttempts: record.maxAttempts,
    tag: record.tag,
    progress: record.progress,
    createdAt: new Date(record.createdAtMs).toISOString(),
    dueAt: toIso(record.dueAtMs),
    startedAt: toIso(record.startedAtMs),
    completedAt: toIso(record.completedAtMs),
    result: record.result,
    error: error && { name: error.name, message: error.message, stack: error.stack },
  };
}

function toIso(timeMs: number | null): string | null {
  return timeMs === null ? null : new Date(timeMs).toISOString();
}
