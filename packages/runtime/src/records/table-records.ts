import type { TableClient } from "../aws/table-client.js";
import { cancelJob, cancelTag } from "./cancel.js";
import { countBeyond } from "./count-pending.js";
import { createEntryRemover } from "./entries.js";
import { jobRecordsOf } from "./held-job.js";
import { createRecords, firstPushOf, redriveRecord, takeBackRecord } from "./pushed-records.js";
import { fromRecordItem } from "./record-item.js";
import type { JobRecords, RecordBook } from "./record-store.js";
import { getRecord, type RecordTable } from "./record-table.js";

/**
 * Records of jobs in a stage's table.
 *
 * @param now - milliseconds since 1970
 */
export function createTableRecords({
  client,
  tableName,
  now,
}: {
  client: TableClient;
  tableName: string;
  now: () => number;
}): RecordBook & JobRecords {
  const table: RecordTable = { client, name: tableName, now, entries: createEntryRemover(client, tableName) };
  return {
    ...jobRecordsOf(table),
    create: (jobs) => createRecords(table, jobs),
    takeBack: (job) => takeBackRecord(table, job),
    read: async (key) => fromRecordItem(await getRecord(table, key), now()),
    cancelJob: (key) => cancelJob(table, key),
    cancelTag: (queueName, tag) => cancelTag(table, queueName, tag),
    countBeyond: (queueName, groupId, limit) => countBeyond(table, queueName, groupId, limit),
    firstPush: (push) => firstPushOf(table, push),
    redrive: (job) => redriveRecord(table, job),
  };
}
