import { availableParallelism } from "node:os";
import type { Clock } from "../../clock/clock.js";
import type { WorkerEvent } from "../worker/protocol.js";
import type { Instance, InstanceFunction, InvocationPayload } from "./instance.js";
import type { AnswerSink, Outcome } from "./outcome.js";
import type { SpareWorkers } from "./spare-workers.js";

/** How long an invocation waits for instances that are all busy with one invocation for as long. */
const GROW_AFTER_MS = 8;
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
/** How long an instance beyond the first may be idle. */
const IDLE_LIFETIME_MS = 60_000;
/** How long replaced instances stay: ending a thread costs time that the first event on the new code needs. */
const RETIRE_AFTER_MS = 250;

export type FunctionDefinition = InstanceFunction & {
  memoryMegabytes: number;
  /** Most instances at once. */
  maxInstances: number;
};

export type FunctionReports = {
  events: (events: WorkerEvent[]) => void;
  output: (stream: "stdout" | "stderr", text: string) => void;
};

/** An instance that is held for one invocation. */
export type Slot = {
  /** Runs it; the slot is given back when it has ended. Never rejects. */
  run(
    payload: InvocationPayload,
    answer: AnswerSink | null,
  ): { outcome: Promise<Outcome>; hangUp: () => void };
  /** Gives the slot back unused. */
  release(): void;
};

type Waiting = { sinceMs: number; resolve: (slot: Slot | null) => void };

/** The instances of one function: as many as its invocations need, up to a bound, each on the newest code. */
export class FunctionInstances {
  #definition: FunctionDefinition;
  #preload: string[] = [];
  readonly #spares: SpareWorkers;
  readonly #clock: Clock;
  readonly #reports: FunctionReports;
  readonly #processorMs: () => number;
  #processorBefore = { atMs: 0, usedMs: 0 };
  readonly #current = new Set<Instance>();
  readonly #idle: Instance[] = [];
  readonly #idleSinceMs = new Map<Instance, number>();
  readonly #retired = new Set<Instance>();
  readonly #waiting: Waiting[] = [];
  readonly #starting = new Set<Instance>();
  #cancelGrowth: (() => void) | null = null;
  #stopped = false;

  constructor(
    definition: FunctionDefinition,
    ports: { spares: SpareWorkers; clock: Clock; reports: FunctionReports; processorMs: () => number },
  ) {
    this.#definition = definition;
    this.#spares = ports.spares;
    this.#clock = ports.clock;
    this.#reports = ports.reports;
    this.#processorMs = ports.processorMs;
  }

  get definition(): FunctionDefinition {
    return this.#definition;
  }

  /** Those that run something. */
  get busy(): Instance[] {
    return [...this.#current, ...this.#retired].filter((instance) => instance.busy);
  }

  /**
   * Waits for an instance that is free.
   *
   * @returns null when the function was stopped, or `signal` aborted, before there was one
   */
  acquire(signal?: AbortSignal): Promise<Slot | null> {
    if (this.#stopped || signal?.aborted) return Promise.resolve(null);
    const instance = this.#takeIdle();
    if (instance) return Promise.resolve(this.#slot(instance));
    return new Promise((resolve) => {
      const giveUp = (): void => {
        const place = this.#waiting.indexOf(waiting);
        if (place >= 0) this.#waiting.splice(place, 1);
        resolve(null);
      };
      const waiting: Waiting = {
        sinceMs: this.#clock.now(),
        resolve: (slot) => {
          signal?.removeEventListener("abort", giveUp);
          resolve(slot);
        },
      };
      this.#waiting.push(waiting);
      signal?.addEventListener("abort", giveUp, { once: true });
      if (this.#current.size === 0) this.#grow();
      else this.#growLater();
    });
  }

  /**
   * New code or settings: new invocations get new instances, running ones end on the old.
   *
   * @param preload - files that the next instance loads ahead of its first event
   */
  replace(definition: FunctionDefinition, preload: string[] = []): void {
    this.#definition = definition;
    this.#preload = preload;
    const hadInstances = this.#current.size > 0;
    for (const instance of this.#current) this.#retire(instance);
    if (hadInstances || this.#waiting.length > 0) this.#grow();
  }

  /** Ends idle instances that have not been needed for a while, all but one. */
  reap(): void {
    const now = this.#clock.now();
    for (const [instance, sinceMs] of this.#idleSinceMs) {
      if (this.#current.size <= 1) return;
      if (now - sinceMs >= IDLE_LIFETIME_MS) this.#retire(instance);
    }
  }

  /** Nobody gets an instance any more; running invocations die as `stopped`. */
  async stop(): Promise<void> {
    this.close();
    await Promise.all(
      [...this.#current, ...this.#retired].map((instance) => instance.end({ kind: "stopped" })),
    );
  }

  /** Nobody gets an instance any more; running invocations go on. */
  close(): void {
    this.#stopped = true;
    this.#cancelGrowth?.();
    for (const { resolve } of this.#waiting.splice(0)) resolve(null);
    for (const instance of this.#current) if (!instance.busy) this.#retire(instance);
  }

  #slot(instance: Instance): Slot {
    return {
      run: (payload, answer) => {
        const { outcome, hangUp } = instance.invoke(payload, answer);
        return {
          hangUp,
          outcome: outcome.then((ended) => {
            // Node keeps a module that failed to load as failed: only a new instance can load it again.
            if (ended.kind === "failed") this.#retire(instance);
            this.#free(instance);
            return ended;
          }),
        };
      },
      release: () => this.#free(instance),
    };
  }

  #free(instance: Instance): void {
    if (instance.ended) return;
    if (this.#stopped || !this.#current.has(instance)) {
      this.#endLater(instance);
      return;
    }
    const next = this.#waiting.shift();
    if (next) next.resolve(this.#slot(instance));
    else {
      this.#idle.push(instance);
      this.#idleSinceMs.set(instance, this.#clock.now());
    }
  }

  #takeIdle(): Instance | undefined {
    const instance = this.#idle.pop();
    if (instance) this.#idleSinceMs.delete(instance);
    return instance;
  }

  #growLater(): void {
    if (this.#cancelGrowth) return;
    const dueMs = this.#clock.now() + GROW_AFTER_MS;
    this.#processorBefore = { atMs: this.#clock.now(), usedMs: this.#processorMs() };
    this.#cancelGrowth = this.#clock.at(dueMs, () => {
      this.#cancelGrowth = null;
      const longest = this.#waiting[0];
      if (!longest || this.#stopped) return;
      const isLate = this.#clock.now() - longest.sinceMs >= this.#patienceMs(this.#clock.now() - dueMs);
      const atOnce = Math.min(this.#waiting.length, Math.ceil(availableParallelism() / 2));
      if (isLate && this.#starting.size < atOnce) this.#grow();
      this.#growLater();
    });
  }

  /**
   * How long an invocation should wait for the instances that there are, before another is started.
   *
   * @param lagMs - by how much the last timer was late
   */
  #patienceMs(lagMs: number): number {
    const instances = [...this.#current];
    const load = instances.reduce((sum, instance) => sum + instance.utilization(), 0) / instances.length;
    const isBusyAnyway = load > COMPUTING || lagMs > LAGGING_MS;
    const isEnoughForProcessors = instances.length >= availableParallelism();
    if (isBusyAnyway && isEnoughForProcessors) return GROW_COMPUTING_AFTER_MS;
    const now = this.#clock.now();
    const areSlow = instances.every(({ busySinceMs }) => now - (busySinceMs ?? now) >= GROW_AFTER_MS);
    return areSlow && !(isEnoughForProcessors && this.#isProcessComputing(now))
      ? GROW_AFTER_MS
      : GROW_QUICK_AFTER_MS;
  }

  #isProcessComputing(now: number): boolean {
    const { atMs, usedMs } = this.#processorBefore;
    return (this.#processorMs() - usedMs) / Math.max(1, now - atMs) > PROCESS_COMPUTING;
  }

  #grow(): void {
    if (this.#stopped || this.#current.size >= this.#definition.maxInstances) return;
    const instance = this.#spares.take(this.#definition);
    this.#current.add(instance);
    instance.onEvents = this.#reports.events;
    instance.onOutput = this.#reports.output;
    instance.onExit = () => this.#forget(instance);
    instance.define(this.#definition, this.#preload);
    this.#starting.add(instance);
    void instance.ready.then(() => {
      this.#starting.delete(instance);
      if (!instance.ended) this.#free(instance);
      else this.#failOne(instance);
    });
  }

  /** A worker that could not even start: one invocation dies of it, so that somebody hears why. */
  #failOne(ended: Instance): void {
    this.#waiting.shift()?.resolve(this.#slot(ended));
    if (this.#waiting.length > 0 && this.#current.size === 0) this.#grow();
  }

  #retire(instance: Instance): void {
    this.#current.delete(instance);
    const place = this.#idle.indexOf(instance);
    if (place < 0) {
      this.#retired.add(instance);
      return;
    }
    this.#idle.splice(place, 1);
    this.#idleSinceMs.delete(instance);
    this.#endLater(instance);
  }

  #endLater(instance: Instance): void {
    this.#retired.add(instance);
    this.#clock.at(
      this.#clock.now() + (this.#stopped ? 0 : RETIRE_AFTER_MS),
      () => void instance.end({ kind: "stopped" }),
    );
  }

  #forget(instance: Instance): void {
    const wasCurrent = this.#current.delete(instance);
    this.#retired.delete(instance);
    this.#idleSinceMs.delete(instance);
    const place = this.#idle.indexOf(instance);
    if (place >= 0) this.#idle.splice(place, 1);
    const wasReady = !this.#starting.has(instance);
    if (wasCurrent && wasReady && this.#waiting.length > 0 && this.#current.size === 0) this.#grow();
  }
}
