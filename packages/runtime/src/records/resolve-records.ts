import type { InstanceConfig, QueueLink } from "../config/instance.js";
import { noRecordsTable, notTracked } from "../errors/record-errors.js";
import { resolveQueue } from "../queue/resolve-queue.js";
import { connectRecords } from "./connect-records.js";
import type { RecordBook } from "./record-store.js";

/** A tracked queue, and the records of its jobs. */
export type QueueRecords = { config: InstanceConfig; link: QueueLink; records: RecordBook };

/**
 * @param what - needs records, as a sentence begins: "Cancelling"
 * @throws QR_NOT_TRACKED, QR_NO_RECORDS_TABLE, and as `resolveQueue`
 */
export function resolveRecords(queueName: string | null, what: string): QueueRecords {
  const { config, link } = resolveQueue(queueName);
  if (!link.track) throw notTracked(link.name, what);
  if (!config.table) throw noRecordsTable(link.name);
  return { config, link, records: connectRecords(config) };
}
