import type { TableClient } from "../aws/table-client.js";
import { unlessConditionFails } from "../aws/table-condition.js";
import type { TableItem, UpdateItemInput } from "../aws/table-shapes.js";
import type { EntryRemover } from "./entries.js";
import { type ItemChange, toUpdate } from "./expressions.js";
import { recordKey } from "./record-keys.js";
import type { RecordKey } from "./record-store.js";

/** The stage's table, as records use it. */
export type RecordTable = {
  client: TableClient;
  name: string;
  /** Milliseconds since 1970. */
  now: () => number;
  entries: EntryRemover;
};

/** @returns the record as it is stored, expired or not */
export function getRecord(
  { client, name: TableName }: RecordTable,
  key: RecordKey,
): Promise<TableItem | null> {
  return client.getItem({ TableName, Key: recordKey(key), ConsistentRead: true });
}

/** @returns what ReturnValues asks for, by default nothing; null when the record was not as the condition says */
export function changeRecord(
  { client, name: TableName }: RecordTable,
  key: RecordKey,
  change: ItemChange,
  returned: Pick<UpdateItemInput, "ReturnValues"> = {},
): Promise<TableItem | null> {
  const update = { TableName, Key: recordKey(key), ...toUpdate(change), ...returned };
  return unlessConditionFails(client.updateItem(update));
}
