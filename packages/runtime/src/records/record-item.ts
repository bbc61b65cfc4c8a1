import type { TableItem } from "../aws/table-shapes.js";
import type { ErrorDescription } from "../errors/describe-error.js";
import { number, text } from "./expressions.js";
import { recordKey } from "./record-keys.js";
import type { RecordedJob, RecordStatus, StoredRecord } from "./record-store.js";

/** How long a record stays after its last change. */
const KEPT_MS = 30 * 86_400_000;

/** A new record. Attributes whose value is null are left out. */
export function toRecordItem(
  job: RecordedJob,
  status: RecordStatus,
  attempt: number,
  nowMs: number,
): TableItem {
  const { tag, groupId, userId, dueAtMs } = job;
  return {
    ...recordKey(job),
    queueName: text(job.queueName),
    jobId: text(job.jobId),
    job: text(job.job),
    status: text(status),
    attempt: number(attempt),
    maxAttempts: number(job.maxAttempts),
    redrives: number(job.redrives),
    ...(tag && { tag: text(tag) }),
    ...(groupId && { groupId: text(groupId) }),
    ...(userId && { userId: text(userId) }),
    ...(dueAtMs !== null && { dueAt: number(dueAtMs) }),
    ...(job.isCounted && { counted: number(1) }),
    createdAt: number(job.createdAtMs),
    messageUntil: number(messageUntilMs(job)),
    expiresAt: number(expiresAtSeconds(job, nowMs)),
  };
}

/** When the job's message leaves SQS at the latest, in milliseconds since 1970. */
export function messageUntilMs({
  dueAtMs,
  createdAtMs,
  retentionSeconds,
}: Pick<RecordedJob, "dueAtMs" | "createdAtMs" | "retentionSeconds">): number {
  return (dueAtMs ?? createdAtMs) + retentionSeconds * 1_000;
}

/** When DynamoDB may remove a record that changes now, in seconds since 1970: never before its message is gone. */
export function expiresAtSeconds(job: RecordedJob, nowMs: number): number {
  return Math.ceil((Math.max(nowMs, messageUntilMs(job)) + KEPT_MS) / 1_000);
}

/** @returns whether DynamoDB may have removed the item, even where it has not yet: it is not there any more */
export function hasExpired(item: TableItem, nowMs: number): boolean {
  return (numberOf(item, "expiresAt") ?? 0) * 1_000 <= nowMs;
}

/** @returns the status as it is stored */
export function statusOf(item: TableItem): RecordStatus {
  return (textOf(item, "status") ?? "pending") as RecordStatus;
}

/** @returns whether the job is over, as the record says: nothing but a retry as a dead letter changes it any more */
export function isEnded(item: TableItem): boolean {
  const status = statusOf(item);
  return status !== "pending" && status !== "running";
}

/**
 * A record as it is to be seen. One whose message has left the queue, without ever being done, is expired.
 *
 * @returns null where there is none
 */
export function fromRecordItem(item: TableItem | null, nowMs: number): StoredRecord | null {
  if (!item || hasExpired(item, nowMs)) return null;
  const messageUntil = numberOf(item, "messageUntil") ?? 0;
  const leaseUntil = numberOf(item, "leaseUntil") ?? 0;
  const stored = statusOf(item);
  const isRunning = stored === "running";
  const isLost = messageUntil <= nowMs && (stored === "pending" || (isRunning && leaseUntil <= nowMs));
  return {
    queueName: textOf(item, "queueName") ?? "",
    jobId: textOf(item, "jobId") ?? "",
    job: textOf(item, "job") ?? "default",
    status: isLost ? "expired" : stored,
    attempt: numberOf(item, "attempt") ?? 0,
    maxAttempts: numberOf(item, "maxAttempts") ?? 1,
    redrives: numberOf(item, "redrives") ?? 0,
    tag: textOf(item, "tag"),
    groupId: textOf(item, "groupId"),
    userId: textOf(item, "userId"),
    createdAtMs: numberOf(item, "createdAt") ?? 0,
    dueAtMs: numberOf(item, "dueAt"),
    startedAtMs: numberOf(item, "startedAt"),
    completedAtMs: isLost ? messageUntil : numberOf(item, "completedAt"),
    progress: jsonOf(item, "progress"),
    result: jsonOf(item, "result"),
    error: jsonOf(item, "error") as ErrorDescription | null,
    leaseUntilMs: isRunning && !isLost ? leaseUntil : null,
  };
}

/** @returns an attribute's text, or null */
export function textOf(item: TableItem, name: string): string | null {
  const value = item[name];
  return value && "S" in value ? value.S : null;
}

/** @returns an attribute's number, or null */
export function numberOf(item: TableItem, name: string): number | null {
  const value = item[name];
  return value && "N" in value ? Number(value.N) : null;
}

/** @returns what an attribute says in JSON, or null */
export function jsonOf(item: TableItem, name: string): unknown {
  const json = textOf(item, name);
  return json === null ? null : JSON.parse(json);
}
