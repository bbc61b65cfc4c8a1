import { type FoundEntry, findEntries } from "./entries.js";
import { number, text } from "./expressions.js";
import { fromRecordItem, isEnded, numberOf, textOf } from "./record-item.js";
import { tagPartition } from "./record-keys.js";
import type { RecordKey, StoredRecord } from "./record-store.js";
import { changeRecord, getRecord, type RecordTable } from "./record-table.js";

/** How many jobs of a tag are cancelled at once. */
const AT_ONCE = 25;

/** See `RecordBook.cancelJob`. */
export async function cancelJob(table: RecordTable, key: RecordKey): Promise<StoredRecord | null> {
  const { cancelled } = await cancelRecord(table, key);
  return cancelled;
}

/** See `RecordBook.cancelTag`. */
export async function cancelTag(table: RecordTable, queueName: string, tag: string): Promise<StoredRecord[]> {
  const cancelled: StoredRecord[] = [];
  const cancelEntry = async (entry: FoundEntry): Promise<void> => {
    const outcome = await cancelRecord(table, { queueName, jobId: entry.jobId });
    if (outcome.cancelled) cancelled.push(outcome.cancelled);
    else if (outcome.ended) await table.entries.found(entry, outcome.ended);
  };
  for await (const entries of findEntries(table, tagPartition(queueName, tag)))
    for (let start = 0; start < entries.length; start += AT_ONCE)
      await Promise.all(entries.slice(start, start + AT_ONCE).map(cancelEntry));
  return cancelled;
}

type Outcome = { cancelled: StoredRecord | null; ended: StoredRecord | null };

/** Cancels what is pending and has a message in the queue. A repeated call whose answer was lost is told by its id. */
async function cancelRecord(table: RecordTable, key: RecordKey): Promise<Outcome> {
  const nowMs = table.now();
  const cancelId = process.getBuiltinModule("node:crypto").randomUUID();
  const change = {
    set: { status: text("cancelled"), completedAt: number(nowMs), cancelId: text(cancelId) },
    condition: "#status = :pending AND #messageUntil > :now AND #expiresAt > :seconds",
    values: {
      ":pending": text("pending"),
      ":now": number(nowMs),
      ":seconds": number(Math.floor(nowMs / 1_000)),
    },
  };
  const changed = await changeRecord(table, key, change, { ReturnValues: "ALL_NEW" });
  const item = changed ?? (await getRecord(table, key));
  const record = fromRecordItem(item, nowMs);
  if (!item || !record) return { cancelled: null, ended: null };
  if (textOf(item, "cancelId") !== cancelId) return { cancelled: null, ended: isEnded(item) ? record : null };
  await table.entries.ofEnded({ ...record, isCounted: numberOf(item, "counted") === 1 });
  return { cancelled: record, ended: record };
}
