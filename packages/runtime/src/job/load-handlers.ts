import type { QueueFunction } from "../lambda/functions.js";
import { type QueueHandlers, readQueueHandlers } from "./queue-handlers.js";

/**
 * Loads what runs a queue's jobs: index.ts and its `warmup()` first, then the queue's file. What was loaded is kept; a
 * load that failed is tried again when it is asked for again.
 *
 * @returns a function that resolves with the handlers; rejects with whatever loading threw
 */
export function createHandlerLoader(fn: QueueFunction): () => Promise<QueueHandlers> {
  let loading: Promise<QueueHandlers> | null = null;
  return () => {
    loading ??= loadHandlers(fn).catch((error) => {
      loading = null;
      throw error;
    });
    return loading;
  };
}

async function loadHandlers(fn: QueueFunction): Promise<QueueHandlers> {
  const index = await fn.loadIndex?.();
  if (typeof index?.warmup === "function") await index.warmup();
  return readQueueHandlers(await fn.load(), fn.name);
}
