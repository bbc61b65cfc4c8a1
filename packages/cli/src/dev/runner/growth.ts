import { availableParallelism } from "node:os";
import type { Clock } from "../../clock/clock.js";

/** How long an invocation waits for instances that are all busy with one invocation for as long. */
export const GROW_AFTER_MS = 8;
/** How long it waits while instances are busy with many quick invocations. */
const GROW_QUICK_AFTER_MS = 250;
/** How long it waits while the processors are busy anyway: more instances would only take them from each other. */
const GROW_COMPUTING_AFTER_MS = 1_000;
/** A timer that comes later than this says that the processors are busy. */
const LAGGING_MS = 5;
/** An instance that is busy for more than this share of the time computes, rather than waits for something. */
const COMPUTING = 0.8;
/**
 * While this process takes so much of a processor, instances that seem slow may only be waiting for their turn on it:
 * they pass for quick ones.
 */
const PROCESS_COMPUTING = 0.5;

/** An instance as far as it matters to whether there should be another. */
type Loaded = { busySinceMs: number | null; utilization(): number };

export type GrowthPorts = {
  clock: Clock;
  /** The processor time that the process has taken. */
  processorMs: () => number;
  instances: () => Loaded[];
  /** Since when the invocation waits that waits longest; null: none does. */
  waitingSinceMs: () => number | null;
  /** Starts another instance, if it may. */
  grow: () => void;
};

/** Looks every few milliseconds, for as long as invocations wait, whether it is worth starting another instance. */
export class Growth {
  readonly #ports: GrowthPorts;
  #processorBefore = { atMs: 0, usedMs: 0 };
  #cancel: (() => void) | null = null;

  constructor(ports: GrowthPorts) {
    this.#ports = ports;
  }

  /** An invocation waits. */
  watch(): void {
    if (this.#cancel) return;
    const { clock, processorMs, waitingSinceMs, grow } = this.#ports;
    const dueMs = clock.now() + GROW_AFTER_MS;
    this.#processorBefore = { atMs: clock.now(), usedMs: processorMs() };
    this.#cancel = clock.at(dueMs, () => {
      this.#cancel = null;
      const sinceMs = waitingSinceMs();
      if (sinceMs === null) return;
      const now = clock.now();
      if (now - sinceMs >= this.#patienceMs(now - dueMs)) grow();
      this.watch();
    });
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  /**
   * How long an invocation should wait for the instances that there are, before another is started.
   *
   * @param lagMs - by how much the last timer was late
   */
  #patienceMs(lagMs: number): number {
    const instances = this.#ports.instances();
    const load = instances.reduce((sum, instance) => sum + instance.utilization(), 0) / instances.length;
    const isBusyAnyway = load > COMPUTING || lagMs > LAGGING_MS;
    const isEnoughForProcessors = instances.length >= availableParallelism();
    if (isBusyAnyway && isEnoughForProcessors) return GROW_COMPUTING_AFTER_MS;
    const now = this.#ports.clock.now();
    const areSlow = instances.every(({ busySinceMs }) => now - (busySinceMs ?? now) >= GROW_AFTER_MS);
    return areSlow && !(isEnoughForProcessors && this.#isProcessComputing(now))
      ? GROW_AFTER_MS
      : GROW_QUICK_AFTER_MS;
  }

  #isProcessComputing(now: number): boolean {
    const { atMs, usedMs } = this.#processorBefore;
    return (this.#ports.processorMs() - usedMs) / Math.max(1, now - atMs) > PROCESS_COMPUTING;
  }
}
