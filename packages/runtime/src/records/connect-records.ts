import { connectTable } from "../aws/table-client.js";
import type { InstanceConfig } from "../config/instance.js";
import type { JobRecords, RecordBook } from "./record-store.js";
import { createTableRecords } from "./table-records.js";

/** What of an instance's configuration says where its records are. */
type RecordsInstance = Pick<InstanceConfig, "sqs" | "table" | "now">;

const connected = new WeakMap<RecordsInstance, RecordBook & JobRecords>();

/**
 * The records of the stage that an instance serves, over connections that are kept.
 *
 * @param instance - one that knows of a table; DynamoDB refuses every call of another
 */
export function connectRecords(instance: RecordsInstance): RecordBook & JobRecords {
  const known = connected.get(instance);
  if (known) return known;
  const { table } = instance;
  const records = createTableRecords({
    client: connectTable(instance, table),
    tableName: table?.name ?? "",
    now: instance.now ?? Date.now,
  });
  connected.set(instance, records);
  return records;
}
