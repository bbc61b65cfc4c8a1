import type { Clock } from "../../clock/clock.js";
import type { WorkerEvent } from "../worker/protocol.js";
import { type FunctionDefinition, FunctionInstances } from "./function-instances.js";
import type { InstancePorts } from "./instance.js";
import { guardMemory } from "./memory-guard.js";
import type { Slot } from "./slot.js";
import { keepSpareWorker } from "./spare-workers.js";

const REAP_EVERY_MS = 15_000;

/** "api", "socket", or "queue:" or "schedule:" and the name of either. */
export type FunctionId = "api" | "socket" | `queue:${string}` | `schedule:${string}`;

/** What stands for Lambda: functions by name, each with its instances. */
export type Runner = {
  /** Adds a function, or gives it new code or settings: running invocations end on what they began with. */
  define(id: FunctionId, definition: FunctionDefinition): void;
  /**
   * Gives a function's next invocations fresh instances. No function of that name: nothing happens.
   *
   * @param preload - files that they load ahead of their first event
   */
  renew(id: FunctionId, preload?: string[]): void;
  /** Takes a function away; what runs goes on to its end. */
  remove(id: FunctionId): void;
  /** The handlers' environment has changed: every function gets fresh instances. */
  renewAll(): void;
  /** Sets what most functions have, in MB: the spare worker is ready for them. */
  useMemory(megabytes: number): void;
  /** An instance for one invocation; null when there is no such function, it was taken away, or `signal` aborted. */
  acquire(id: FunctionId, signal?: AbortSignal): Promise<Slot | null>;
  functionIds(): FunctionId[];
  /** Invocations that run now. */
  busyCount(): number;
  /** Ends every worker. */
  stop(): Promise<void>;
};

export type RunnerReports = {
  events: (events: WorkerEvent[]) => void;
  output: (id: FunctionId, stream: "stdout" | "stderr", text: string) => void;
};

/**
 * Starts the runner, and its first spare worker.
 *
 * @param ports.residentBytes - the memory of the process; by default what the operating system says
 * @param ports.processorMs - the processor time that the process has taken, likewise
 */
export function startRunner(
  ports: InstancePorts & {
    clock: Clock;
    reports: RunnerReports;
    residentBytes?: () => number;
    processorMs?: () => number;
  },
): Runner {
  const { clock, reports, processorMs = processorMsOfProcess } = ports;
  const spares = keepSpareWorker(ports);
  const functions = new Map<FunctionId, FunctionInstances>();
  const removed = new Set<FunctionInstances>();

  let cancelReap = (): void => {};
  const reapLater = (): void => {
    cancelReap = clock.at(clock.now() + REAP_EVERY_MS, () => {
      for (const instances of functions.values()) instances.reap();
      for (const instances of removed) if (instances.busy.length === 0) removed.delete(instances);
      reapLater();
    });
  };
  reapLater();

  const busy = () => [...functions.values(), ...removed].flatMap((instances) => instances.busy);
  const stopGuard = guardMemory({
    clock,
    busy,
    residentBytes: ports.residentBytes ?? (() => process.memoryUsage.rss()),
  });

  const replace = (instances: FunctionInstances): void => instances.replace(instances.definition);
  return {
    define(id, definition) {
      const existing = functions.get(id);
      if (existing) existing.replace(definition);
      else
        functions.set(
          id,
          new FunctionInstances(definition, {
            spares,
            clock,
            processorMs,
            reports: { events: reports.events, output: (stream, text) => reports.output(id, stream, text) },
          }),
        );
    },
    renew(id, preload) {
      const instances = functions.get(id);
      instances?.replace(instances.definition, preload);
    },
    remove(id) {
      const instances = functions.get(id);
      functions.delete(id);
      if (!instances) return;
      instances.close();
      removed.add(instances);
    },
    renewAll() {
      spares.renew();
      for (const instances of functions.values()) replace(instances);
    },
    useMemory: spares.useMemory,
    acquire: (id, signal) => functions.get(id)?.acquire(signal) ?? Promise.resolve(null),
    functionIds: () => [...functions.keys()],
    busyCount: () => busy().length,
    async stop() {
      cancelReap();
      stopGuard();
      await Promise.all([
        spares.stop(),
        ...[...functions.values(), ...removed].map((instances) => instances.stop()),
      ]);
    },
  };
}

function processorMsOfProcess(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
