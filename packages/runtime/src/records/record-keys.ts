import type { TableItem } from "../aws/table-shapes.js";
import type { RecordKey } from "./record-store.js";

/** The key of a job's record. */
export function recordKey({ queueName, jobId }: RecordKey): TableItem {
  return toKey(`job#${queueName}#${jobId}`, "job");
}

/** What entries of jobs with a tag have in common: their `pk`. The job's id is their `sk`. */
export function tagPartition(queueName: string, tag: string): string {
  return `tag#${queueName}#${tag}`;
}

/** What entries of pending jobs of a group have in common: their `pk`. A group's id is never empty: null is. */
export function pendingPartition(queueName: string, groupId: string | null): string {
  return `pending#${queueName}#${groupId ?? ""}`;
}

/** The key of one entry. */
export function entryKey(partition: string, jobId: string): TableItem {
  return toKey(partition, jobId);
}

/** The key of what remembers the first push of a deduplication id. Hashed, since both parts may hold any separator. */
export function firstPushKey(queueName: string, groupId: string, dedupeId: string): TableItem {
  const { createHash } = process.getBuiltinModule("node:crypto");
  const hash = createHash("sha256")
    .update(JSON.stringify([groupId, dedupeId]))
    .digest("hex");
  return toKey(`dedupe#${queueName}#${hash}`, "dedupe");
}

function toKey(pk: string, sk: string): TableItem {
  return { pk: { S: pk }, sk: { S: sk } };
}
