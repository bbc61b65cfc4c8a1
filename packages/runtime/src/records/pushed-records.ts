import { unlessConditionFails } from "../aws/table-condition.js";
import type { TableItem } from "../aws/table-shapes.js";
import { SQS_DEDUPLICATION_WINDOW_SECONDS } from "../limits/index.js";
import { hasEntries, toEntryItems } from "./entries.js";
import { number, text, toCondition } from "./expressions.js";
import {
  expiresAtSeconds,
  hasExpired,
  isEnded,
  messageUntilMs,
  numberOf,
  statusOf,
  textOf,
  toRecordItem,
} from "./record-item.js";
import { firstPushKey, recordKey } from "./record-keys.js";
import type { PushedJob, RecordBook, RecordedJob } from "./record-store.js";
import { changeRecord, getRecord, type RecordTable } from "./record-table.js";

/** How long a first push's item may stay after its window, until DynamoDB gets around to removing it. */
const KEPT_SECONDS = 86_400;

/** See `RecordBook.create`: entries first, so that nothing can be pending that no entry leads to. */
export async function createRecords(table: RecordTable, jobs: PushedJob[]): Promise<boolean[]> {
  const { client, name: TableName } = table;
  const isThere = await Promise.all(
    jobs.map(async (job) => job.isShared && hasEntries(job) && (await isRecorded(table, job))),
  );
  const missing = jobs.filter((_, index) => !isThere[index]);
  const nowMs = table.now();
  const entries = missing.flatMap((job) => toEntryItems(job, job.pushId, expiresAtSeconds(job, nowMs)));
  if (entries.length > 0) await client.batchWriteItem({ TableName, Items: entries });

  const fresh = missing.filter((job) => !job.isShared);
  const written = await Promise.all([
    putFresh(table, fresh, nowMs).then(() => fresh),
    ...missing.filter((job) => job.isShared).map((job) => putMissing(table, job, nowMs)),
  ]);
  const created = new Set(written.flat());
  return jobs.map((job) => created.has(job));
}

async function isRecorded(table: RecordTable, job: PushedJob): Promise<boolean> {
  const item = await getRecord(table, job);
  return item !== null && !hasExpired(item, table.now());
}

/** A request whose answer is lost may have written records that were cancelled since: it must not write them again. */
async function putFresh(table: RecordTable, jobs: PushedJob[], nowMs: number): Promise<void> {
  if (jobs.length === 0) return;
  const { client, name: TableName } = table;
  const Items = jobs.map((job) => toItem(job, nowMs));
  try {
    await client.batchWriteItem({ TableName, Items }, { once: true });
  } catch {
    await Promise.all(
      Items.map((Item) => unlessConditionFails(client.putItem({ TableName, Item, ...ABSENT }))),
    );
  }
}

/**
 * Entries that were written for it stay, where the record that is there lives: they lead to it.
 *
 * @returns the job, where this has written its record; otherwise another push or a worker was quicker
 */
async function putMissing(table: RecordTable, job: PushedJob, nowMs: number): Promise<PushedJob[]> {
  const { client, name: TableName, entries } = table;
  const put = client.putItem({
    TableName,
    Item: toItem(job, nowMs),
    ...toCondition("attribute_not_exists(#pk) OR #expiresAt <= :seconds", {
      ":seconds": number(Math.floor(nowMs / 1_000)),
    }),
  });
  if (await unlessConditionFails(put.then(() => true))) return [job];
  const item = await getRecord(table, job);
  if (item && textOf(item, "pushId") === job.pushId) return [job];
  if (item && isEnded(item)) await entries.ofPush(job, job.pushId);
  return [];
}

const ABSENT = toCondition("attribute_not_exists(#pk)");

function toItem(job: PushedJob, nowMs: number): TableItem {
  return { ...toRecordItem(job, "pending", 0, nowMs), pushId: text(job.pushId) };
}

/** See `RecordBook.takeBack`. */
export async function takeBackRecord(table: RecordTable, job: PushedJob): Promise<boolean> {
  const { client, name: TableName, entries } = table;
  const deletion = client.deleteItem({
    TableName,
    Key: recordKey(job),
    ...toCondition(
      "attribute_not_exists(#pk) OR (#status = :pending AND #attempt = :none AND #pushId = :pushId)",
      { ":pending": text("pending"), ":none": number(0), ":pushId": text(job.pushId) },
    ),
  });
  if (await unlessConditionFails(deletion.then(() => true))) {
    await entries.ofPush(job, job.pushId);
    return true;
  }
  const item = await getRecord(table, job);
  // Cancelled, or expired: it never started. Otherwise its message has arrived.
  return item === null || (numberOf(item, "attempt") === 0 && statusOf(item) !== "running");
}

/** See `RecordBook.firstPush`. */
export async function firstPushOf(
  { client, name: TableName, now }: RecordTable,
  { queueName, jobId, groupId, dedupeId }: Parameters<RecordBook["firstPush"]>[0],
): Promise<string> {
  const Key = firstPushKey(queueName, groupId, dedupeId);
  for (;;) {
    const nowMs = now();
    const untilMs = nowMs + SQS_DEDUPLICATION_WINDOW_SECONDS * 1_000;
    const put = client.putItem({
      TableName,
      Item: {
        ...Key,
        jobId: text(jobId),
        until: number(untilMs),
        expiresAt: number(Math.ceil(untilMs / 1_000) + KEPT_SECONDS),
      },
      ...toCondition("attribute_not_exists(#pk) OR #until <= :now", { ":now": number(nowMs) }),
    });
    if (await unlessConditionFails(put.then(() => true))) return jobId;
    const first = await client.getItem({ TableName, Key, ConsistentRead: true });
    const firstId = first && textOf(first, "jobId");
    if (first && firstId && (numberOf(first, "until") ?? 0) > now()) return firstId;
  }
}

/** See `RecordBook.redrive`. */
export async function redriveRecord(table: RecordTable, job: RecordedJob): Promise<void> {
  const { client, name: TableName } = table;
  const nowMs = table.now();
  const expiresAt = expiresAtSeconds(job, nowMs);
  const entries = toEntryItems(job, process.getBuiltinModule("node:crypto").randomUUID(), expiresAt);
  if (entries.length > 0) await client.batchWriteItem({ TableName, Items: entries });
  await changeRecord(table, job, {
    set: {
      status: text("pending"),
      attempt: number(0),
      redrives: number(job.redrives),
      messageUntil: number(messageUntilMs(job)),
      expiresAt: number(expiresAt),
    },
    remove: ["completedAt", "leaseToken", "dueAt", "progress", "failedAttempt"],
    condition: "#status = :failed AND #redrives < :redrives",
    values: { ":failed": text("failed"), ":redrives": number(job.redrives) },
  });
}
