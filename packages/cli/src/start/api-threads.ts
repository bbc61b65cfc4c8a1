import { availableParallelism } from "node:os";
import type { Slot } from "../dev/runner/slot.js";
import { type ApiFunction, type ApiThread, type ApiThreadPorts, startApiThread } from "./api-thread.js";

/** Threads that a handler blocks are replaced before their time is up, as long as there are not too many of them. */
const MAX_THREADS_PER_PLACE = 2;

/** The API's function: threads that share its requests. */
export type ApiThreads = {
  /** A place on the thread with the fewest requests; null when they are stopped. */
  acquire(): Promise<Slot | null>;
  /** Requests that are answered now. */
  running(): number;
  stop(): Promise<void>;
};

/**
 * Starts the API's first thread; more follow, one for each processor, as requests come while all of them are busy.
 *
 * @param maxThreads - default: as many as the process has processors
 */
export function startApiThreads(
  api: ApiFunction,
  ports: ApiThreadPorts & { maxThreads?: number },
): ApiThreads {
  const { maxThreads = availableParallelism() } = ports;
  const threads = new Set<ApiThread>();
  let stopped = false;

  const grow = (): ApiThread => {
    const thread = startApiThread(api, ports);
    threads.add(thread);
    return thread;
  };

  function pick(): ApiThread {
    for (const thread of threads) if (thread.ended()) threads.delete(thread);
    const awake = [...threads].filter((thread) => !thread.silent());
    const best = quietest(awake);
    const mayGrow = awake.length < maxThreads && threads.size < MAX_THREADS_PER_PLACE * maxThreads;
    if (mayGrow && (best === undefined || best.running() > 0)) return grow();
    return best ?? quietest([...threads]) ?? grow();
  }

  grow();
  return {
    async acquire() {
      if (stopped) return null;
      const thread = pick();
      return { run: thread.run, release: () => {} };
    },
    running: () => [...threads].reduce((sum, thread) => sum + thread.running(), 0),
    async stop() {
      stopped = true;
      await Promise.all([...threads].map((thread) => thread.end({ kind: "stopped" })));
    },
  };
}

function quietest(threads: ApiThread[]): ApiThread | undefined {
  return threads.toSorted((a, b) => a.running() - b.running())[0];
}
