import { existsSync } from "node:fs";
import { QueueRunError } from "@queue-run/runtime/errors";
import type { Broker } from "../../local-sqs/broker/broker.js";
import { createBroker } from "../../local-sqs/broker/create-broker.js";
import { DurableStorage } from "../../local-sqs/storage/durable-storage.js";
import { clearStore, storeFolder } from "../data-folder.js";

/**
 * Opens the project's local queues.
 *
 * @param folder - of local data
 * @param fresh - forget all local jobs first
 * @throws QueueRunError when another server uses them, or when they cannot be read
 */
export async function openBroker(folder: string, fresh: boolean): Promise<Broker> {
  const location = storeFolder(folder);
  if (fresh && existsSync(location)) {
    // Opened before it is cleared: another server may be using it.
    const [opened] = await Promise.allSettled([DurableStorage.open(location)]);
    if (opened.status === "fulfilled") await opened.value.close();
    else if (isLocked(opened.reason)) throw opened.reason;
    clearStore(folder);
  }
  const storage = await DurableStorage.open(location);
  try {
    return await createBroker({ storage });
  } catch (error) {
    await storage.close();
    throw error;
  }
}

function isLocked(error: unknown): boolean {
  return error instanceof QueueRunError && error.code === "QR_LOCAL_STORE_LOCKED";
}
