import { connectTable } from "../aws/table-client.js";
import type { InstanceConfig } from "../config/instance.js";
import type { JobRecords, RecordBook } from "./record-store.js";
import { createTableRecords } from "./table-records.js";

const connected = new WeakMap<InstanceConfig, RecordBook & JobRecords>();

/**
 * The records of the stage that an instance serves, over connections that are kept.
 *
 * @param instance - one that knows of a table; DynamoDB refuses every call of another
 */
export function connectRecords(instance: InstanceConfig): RecordBook & JobRecords {
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
