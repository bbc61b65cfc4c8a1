import type { TableItem } from "../aws/table-shapes.js";
import { type FoundEntry, findEntries } from "./entries.js";
import { namesIn, text } from "./expressions.js";
import { fromRecordItem, hasExpired, isEnded, textOf } from "./record-item.js";
import { pendingPartition, recordKey } from "./record-keys.js";
import type { RecordTable } from "./record-table.js";

/** What tells of a record whether it is pending. */
const PROJECTION = "#jobId, #status, #redrives, #messageUntil, #expiresAt, #leaseUntil";

/**
 * See `RecordBook.countBeyond`. Entries may say too much, so as long as there are few enough of them nothing else is read;
 * only a limit that seems to be exceeded is looked into, record by record.
 */
export async function countBeyond(
  table: RecordTable,
  queueName: string,
  groupId: string | null,
  limit: number,
): Promise<number> {
  const partition = pendingPartition(queueName, groupId);
  if (!(await hasMoreEntries(table, partition, limit))) return 0;
  let pending = 0;
  for await (const entries of findEntries(table, partition))
    pending += await countPending(table, queueName, entries);
  return Math.max(0, pending - limit);
}

async function hasMoreEntries(
  { client, name: TableName }: RecordTable,
  partition: string,
  limit: number,
): Promise<boolean> {
  let count = 0;
  let from: TableItem | undefined;
  do {
    const { Count = 0, LastEvaluatedKey } = await client.query({
      TableName,
      KeyConditionExpression: "pk = :pk",
      ExpressionAttributeValues: { ":pk": text(partition) },
      ConsistentRead: true,
      Select: "COUNT",
      Limit: limit + 1 - count,
      ...(from && { ExclusiveStartKey: from }),
    });
    count += Count;
    from = LastEvaluatedKey;
  } while (from && count <= limit);
  return count > limit;
}

async function countPending(table: RecordTable, queueName: string, entries: FoundEntry[]): Promise<number> {
  if (entries.length === 0) return 0;
  const items = await table.client.batchGetItem({
    TableName: table.name,
    Keys: entries.map(({ jobId }) => recordKey({ queueName, jobId })),
    ConsistentRead: true,
    ProjectionExpression: PROJECTION,
    ExpressionAttributeNames: namesIn(PROJECTION),
  });
  const nowMs = table.now();
  const entryOf = new Map(entries.map((entry) => [entry.jobId, entry]));
  const removals: Promise<void>[] = [];
  let pending = 0;
  for (const item of items) {
    if (hasExpired(item, nowMs)) continue;
    const record = fromRecordItem(item, nowMs);
    if (record?.status === "pending") pending++;
    const entry = entryOf.get(textOf(item, "jobId") ?? "");
    if (isEnded(item) && entry) removals.push(table.entries.found(entry, record));
  }
  await Promise.all(removals);
  return pending;
}
