import type { QueueFunction, UserModule } from "../lambda/functions.js";

/**
 * Loads what a function runs: index.ts and its `warmup()` first, then the function's own file. What was loaded is kept;
 * a load that failed is tried again when it is asked for again.
 *
 * @param read - makes handlers of the file's exports
 * @returns a function that resolves with the handlers; rejects with whatever loading or reading threw
 */
export function createHandlerLoader<Handlers>(
  fn: Pick<QueueFunction, "load" | "loadIndex">,
  read: (module: UserModule) => Handlers,
): () => Promise<Handlers> {
  let loading: Promise<Handlers> | null = null;
  return () => {
    loading ??= loadHandlers(fn, read).catch((error) => {
      loading = null;
      throw error;
    });
    return loading;
  };
}

async function loadHandlers<Handlers>(
  fn: Pick<QueueFunction, "load" | "loadIndex">,
  read: (module: UserModule) => Handlers,
): Promise<Handlers> {
  const index = await fn.loadIndex?.();
  if (typeof index?.warmup === "function") await index.warmup();
  return read(await fn.load());
}
