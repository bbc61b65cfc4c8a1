import { Instance, type InstanceFunction, type InstancePorts } from "./instance.js";

/** How long after a spare was taken the next is started: whoever took it needs the processor first. */
const REFILL_DELAY_MS = 60;

export type SpareWorkers = {
  /** A worker that waits for its function: the warm one when its memory fits, else a new one. */
  take(definition: InstanceFunction & { memoryMegabytes: number }): Instance;
  /** Ends the spare and starts another: its environment is out of date. */
  renew(): void;
  /** Sets the memory of spares, in MB: what most functions have. Others' workers are started when they are needed. */
  useMemory(megabytes: number): void;
  stop(): Promise<void>;
};

/** Lambda's own default is less than a project's packages need; this is queue-run's. */
const DEFAULT_MEMORY_MEGABYTES = 256;

/** Keeps one worker started ahead of need. */
export function keepSpareWorker(ports: InstancePorts): SpareWorkers {
  let memoryMegabytes = DEFAULT_MEMORY_MEGABYTES;
  let stopped = false;
  let cancelRefill: (() => void) | null = null;
  let spare: Instance | null = null;
  /** What the last one was taken for: a file that is saved again, mostly, is of the same function. */
  let expected: InstanceFunction | null = null;
  const start = (): void => {
    cancelRefill = null;
    if (stopped || spare) return;
    const started = new Instance(memoryMegabytes, ports);
    spare = started;
    started.onExit = () => {
      if (spare === started) spare = null;
    };
    void started.ready.then(() => {
      if (spare === started && expected) started.foretell(expected);
    });
  };
  const renew = (): void => {
    const outdated = spare;
    spare = null;
    void outdated?.end({ kind: "stopped" });
    start();
  };
  start();

  return {
    take(definition) {
      const warm = spare;
      if (!warm || definition.memoryMegabytes !== memoryMegabytes)
        return new Instance(definition.memoryMegabytes, ports);
      expected = definition;
      spare = null;
      cancelRefill ??= ports.clock.at(ports.clock.now() + REFILL_DELAY_MS, start);
      return warm;
    },
    renew,
    useMemory(megabytes) {
      if (megabytes === memoryMegabytes) return;
      memoryMegabytes = megabytes;
      renew();
    },
    async stop() {
      stopped = true;
      cancelRefill?.();
      await spare?.end({ kind: "stopped" });
    },
  };
}
