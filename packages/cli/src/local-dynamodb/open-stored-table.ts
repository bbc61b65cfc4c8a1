import { Database } from "../local-sqs/storage/database.js";
import { ALL_ITEMS } from "./item-store.js";
import { type LocalTable, openTable } from "./open-table.js";

/**
 * Opens a table in a folder of its own, which is made if it is missing.
 *
 * @param fresh - forget what is in it
 * @param now - milliseconds since 1970
 * @throws QueueRunError QR_LOCAL_STORE_LOCKED, QR_LOCAL_STORE_CORRUPT or QR_LOCAL_STORE_UNAVAILABLE
 */
export async function openStoredTable({
  directory,
  name,
  fresh,
  now,
}: {
  directory: string;
  name: string;
  fresh: boolean;
  now: () => number;
}): Promise<LocalTable> {
  const database = await Database.open(directory);
  try {
    if (fresh) await database.clear(...ALL_ITEMS);
    return await openTable({ database, name, now });
  } catch (error) {
    await database.close();
    throw error;
  }
}
