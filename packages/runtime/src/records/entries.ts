import type { TableClient } from "../aws/table-client.js";
import { unlessConditionFails } from "../aws/table-condition.js";
import type { TableItem } from "../aws/table-shapes.js";
import { number, text, toCondition } from "./expressions.js";
import { numberOf, textOf } from "./record-item.js";
import { entryKey, pendingPartition, tagPartition } from "./record-keys.js";
import type { RecordedJob } from "./record-store.js";

/** What entries are made of and found by: where to look for jobs of a tag, or of a group that have not ended. */
export type EntryOwner = Pick<
  RecordedJob,
  "queueName" | "jobId" | "tag" | "groupId" | "isCounted" | "redrives"
>;

/** An entry as it was found. */
export type FoundEntry = { partition: string; jobId: string; redrives: number; version: string };

/**
 * The entries that lead to a job: to be written before its record.
 *
 * @param version - tells this writing of them from any other
 * @param expiresAt - seconds since 1970: as long as the record
 */
export function toEntryItems(job: EntryOwner, version: string, expiresAt: number): TableItem[] {
  return partitionsOf(job).map((partition) => ({
    ...entryKey(partition, job.jobId),
    redrives: number(job.redrives),
    version: text(version),
    expiresAt: number(expiresAt),
  }));
}

/** @returns null where it has expired */
function fromEntryItem(item: TableItem, nowMs: number): FoundEntry | null {
  if ((numberOf(item, "expiresAt") ?? 0) * 1_000 <= nowMs) return null;
  return {
    partition: textOf(item, "pk") ?? "",
    jobId: textOf(item, "sk") ?? "",
    redrives: numberOf(item, "redrives") ?? 0,
    version: textOf(item, "version") ?? "",
  };
}

type EntryTable = { client: TableClient; name: string; now: () => number };

/** Every entry of a partition, by the page. */
export async function* findEntries(
  { client, name: TableName, now }: EntryTable,
  partition: string,
): AsyncGenerator<FoundEntry[]> {
  let from: TableItem | undefined;
  do {
    const { Items = [], LastEvaluatedKey } = await client.query({
      TableName,
      KeyConditionExpression: "pk = :pk",
      ExpressionAttributeValues: { ":pk": text(partition) },
      ConsistentRead: true,
      ...(from && { ExclusiveStartKey: from }),
    });
    const nowMs = now();
    yield Items.map((item) => fromEntryItem(item, nowMs)).filter((entry) => entry !== null);
    from = LastEvaluatedKey;
  } while (from);
}

/** Removing entries. What cannot be removed stays: entries may say too much, and whoever finds them next tries again. */
export type EntryRemover = {
  /** A job has ended: the entries of its present life go, those of a retried dead letter stay. */
  ofEnded(job: EntryOwner): Promise<void>;
  /** A push was taken back: what it has written goes, what another one wrote since stays. */
  ofPush(job: EntryOwner, version: string): Promise<void>;
  /**
   * It was found to lead to a job that has ended. It stays where it leads to nothing, or into the life to come of a dead
   * letter: the record is about to be written then.
   */
  found(entry: FoundEntry, record: { redrives: number } | null): Promise<void>;
};

export function createEntryRemover(client: TableClient, TableName: string): EntryRemover {
  type Condition = ReturnType<typeof toCondition>;
  const remove = async (partition: string, jobId: string, condition: Condition): Promise<void> => {
    const deletion = client.deleteItem({ TableName, Key: entryKey(partition, jobId), ...condition });
    await unlessConditionFails(deletion).catch(() => {});
  };
  const removeAll = async (job: EntryOwner, condition: Condition): Promise<void> => {
    await Promise.all(partitionsOf(job).map((partition) => remove(partition, job.jobId, condition)));
  };
  return {
    ofEnded: (job) =>
      removeAll(job, toCondition("#redrives = :redrives", { ":redrives": number(job.redrives) })),
    ofPush: (job, version) =>
      removeAll(job, toCondition("#version = :version", { ":version": text(version) })),
    async found({ partition, jobId, redrives, version }, record) {
      if (!record || record.redrives < redrives) return;
      await remove(partition, jobId, toCondition("#version = :version", { ":version": text(version) }));
    },
  };
}

/** @returns whether any entry leads to a job */
export function hasEntries(job: EntryOwner): boolean {
  return partitionsOf(job).length > 0;
}

function partitionsOf({ queueName, tag, groupId, isCounted }: EntryOwner): string[] {
  const partitions: string[] = [];
  if (tag !== null) partitions.push(tagPartition(queueName, tag));
  if (isCounted) partitions.push(pendingPartition(queueName, groupId));
  return partitions;
}
