import { createRequire } from "node:module";
import type { Readable } from "node:stream";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import type { FromWorker, ToWorker } from "../worker/protocol.js";

/** A worker thread as the runner needs it; tests pass one of their own. */
export type WorkerThread = {
  post(message: ToWorker): void;
  /** The share of the time since this was last asked that its event loop was busy, 0 to 1. */
  utilization(): number;
  /** Ends it at once, whatever it is doing. Resolves when it is gone. */
  terminate(): Promise<unknown>;
};

export type WorkerThreadEvents = {
  message: (message: FromWorker) => void;
  /** The thread is gone. `outOfMemory`: it was ended because its heap reached its limit. */
  exit: (end: { code: number; outOfMemory: boolean; error: unknown }) => void;
  /** What was written to stdout and stderr by other means than console.*. */
  output: (stream: "stdout" | "stderr", text: string) => void;
};

export type SpawnWorker = (options: { memoryMegabytes: number }, events: WorkerThreadEvents) => WorkerThread;

/** What can run in a worker thread: entry points of this package. */
type WorkerEntry = "@queue-run/cli/dev-worker" | "@queue-run/cli/start-worker";

/** The lowest heap limit given to a worker: the runtime and a project's packages need room to load. */
const MIN_HEAP_MEGABYTES = 64;

/**
 * @param options.env - the environment that handlers see, for workers started from now on
 * @param options.colors - whether values that handlers log are coloured
 * @param options.worker - what runs in the thread; by default what runs sources in development
 * @returns a function that starts a worker thread on the built worker
 */
export function workerThreads(options: {
  env: () => Record<string, string | undefined>;
  colors: boolean;
  worker?: WorkerEntry;
}): SpawnWorker {
  const { worker: entryName = "@queue-run/cli/dev-worker" } = options;
  const entry = pathToFileURL(createRequire(import.meta.url).resolve(entryName));
  return ({ memoryMegabytes }, events) => {
    const worker = new Worker(entry, {
      env: options.env(),
      stdout: true,
      stderr: true,
      // Source maps are for the project's code: the worker turns them on when ours is loaded.
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: Math.max(MIN_HEAP_MEGABYTES, memoryMegabytes) },
      workerData: { colors: options.colors },
    });
    let error: unknown = null;
    let lastUtilization = worker.performance.eventLoopUtilization();
    worker.on("message", events.message);
    worker.on("error", (thrown) => {
      error = thrown;
    });
    worker.on("exit", (code) => events.exit({ code, outOfMemory: isOutOfMemory(error), error }));
    forwardOutput(worker.stdout, (text) => events.output("stdout", text));
    forwardOutput(worker.stderr, (text) => events.output("stderr", text));
    return {
      post: (message) => worker.postMessage(message),
      utilization() {
        const now = worker.performance.eventLoopUtilization();
        const since = worker.performance.eventLoopUtilization(now, lastUtilization);
        lastUtilization = now;
        return since.utilization;
      },
      terminate: () => worker.terminate(),
    };
  };
}

function forwardOutput(stream: Readable, forward: (text: string) => void): void {
  stream.setEncoding("utf8");
  stream.on("data", forward);
}

function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY";
}
