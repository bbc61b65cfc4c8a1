import { availableParallelism } from "node:os";
import type { Clock } from "../../clock/clock.js";
import type { InvocationPayload, WorkerEvent } from "../worker/protocol.js";
import { GROW_AFTER_MS, Growth } from "./growth.js";
import type { Instance, InstanceFunction } from "./instance.js";
import type { Outcome } from "./outcome.js";
import { type Slot, SlotQueue } from "./slot.js";
import type { SpareWorkers } from "./spare-workers.js";

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

/**
 * The instances of one function: as many as its invocations need, up to a bound, each on the newest code. A queue's
 * instance that is busy with quick invocations has the next one posted ahead of its turn, so that it does not have to
 * wait for a message between two; whenever that one would run sooner elsewhere, it is taken back.
 */
export class FunctionInstances {
  #definition: FunctionDefinition;
  #preload: string[] = [];
  readonly #spares: SpareWorkers;
  readonly #clock: Clock;
  readonly #reports: FunctionReports;
  readonly #growth: Growth;
  readonly #current = new Set<Instance>();
  readonly #idle: Instance[] = [];
  readonly #idleSinceMs = new Map<Instance, number>();
  readonly #retired = new Set<Instance>();
  /** How many slots of each are given away. */
  readonly #held = new Map<Instance, number>();
  readonly #waiting = new SlotQueue();
  readonly #starting = new Set<Instance>();
  #stopped = false;

  constructor(
    definition: FunctionDefinition,
    ports: { spares: SpareWorkers; clock: Clock; reports: FunctionReports; processorMs: () => number },
  ) {
    const { spares, clock, reports, processorMs } = ports;
    this.#definition = definition;
    this.#spares = spares;
    this.#clock = clock;
    this.#reports = reports;
    this.#growth = new Growth({
      clock,
      processorMs,
      instances: () => [...this.#current],
      waitingSinceMs: () => this.#waitingSinceMs(),
      grow: () => {
        const atOnce = Math.min(this.#waitingCount(), Math.ceil(availableParallelism() / 2));
        if (this.#starting.size < atOnce) this.#grow();
      },
    });
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
    return this.#acquire(this.#clock.now(), signal);
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
    this.#growth.stop();
    this.#waiting.refuseAll();
    for (const instance of this.#current) {
      if (this.#heldOf(instance) === 0) this.#retire(instance);
      else instance.takeBack();
    }
  }

  #acquire(sinceMs: number, signal?: AbortSignal, first?: boolean): Promise<Slot | null> {
    if (this.#stopped || signal?.aborted) return Promise.resolve(null);
    const instance = this.#takeIdle() ?? this.#quickOne();
    if (instance) return Promise.resolve(this.#slot(instance));
    const slot = this.#waiting.wait(sinceMs, signal, first);
    if (this.#current.size === 0) this.#grow();
    else this.#growth.watch();
    return slot;
  }

  #slot(instance: Instance): Slot {
    this.#held.set(instance, this.#heldOf(instance) + 1);
    return {
      run: (payload, answer) => {
        const sinceMs = this.#clock.now();
        const { outcome, hangUp } = instance.invoke(payload, answer);
        if (instance.nextSinceMs !== null) this.#growth.watch();
        else this.#offer(instance);
        return {
          hangUp,
          outcome: outcome.then((ended) => {
            // Node keeps a module that failed to load as failed: only a new instance can load it again.
            if (ended?.kind === "failed") this.#retire(instance);
            this.#release(instance);
            return ended ?? this.#runElsewhere(payload, sinceMs);
          }),
        };
      },
      release: () => this.#release(instance),
    };
  }

  /** Runs what was posted ahead of its turn, and never began. */
  async #runElsewhere(payload: InvocationPayload, sinceMs: number): Promise<Outcome> {
    const slot = await this.#acquire(sinceMs, undefined, true);
    if (!slot) return { kind: "died", cause: { kind: "stopped" } };
    return slot.run(payload, null).outcome;
  }

  #release(instance: Instance): void {
    this.#held.set(instance, this.#heldOf(instance) - 1);
    this.#offer(instance);
  }

  /** Finds something to do for an instance that has room. */
  #offer(instance: Instance): void {
    const held = this.#heldOf(instance);
    if (instance.ended) {
      if (held === 0) this.#held.delete(instance);
    } else if (this.#stopped || !this.#current.has(instance)) {
      if (held === 0) this.#endLater(instance);
    } else if (held === 0 && this.#stuckAhead()) {
      this.#setIdle(instance);
      this.#stuckAhead()?.takeBack();
    } else if (this.#waiting.length > 0) {
      if (held === 0 || this.#isQuick(instance)) this.#waiting.give(this.#slot(instance));
    } else if (held === 0) this.#setIdle(instance);
  }

  /** The instance whose next invocation has waited longest, when it should not wait any longer for its turn there. */
  #stuckAhead(): Instance | null {
    let longest: Instance | null = null;
    for (const instance of this.#current) {
      const { nextSinceMs } = instance;
      if (nextSinceMs !== null && nextSinceMs < (longest?.nextSinceMs ?? Number.POSITIVE_INFINITY))
        longest = instance;
    }
    const waitedMs = this.#clock.now() - (longest?.nextSinceMs ?? 0);
    return this.#waiting.length === 0 || waitedMs >= GROW_AFTER_MS ? longest : null;
  }

  /** A queue's instance that is busy, and soon done. */
  #quickOne(): Instance | undefined {
    for (const instance of this.#current) if (this.#isQuick(instance)) return instance;
    return undefined;
  }

  #isQuick(instance: Instance): boolean {
    if (this.#definition.function.kind !== "queue" || this.#heldOf(instance) !== 1) return false;
    return this.#clock.now() - (instance.busySinceMs ?? 0) < GROW_AFTER_MS;
  }

  #heldOf(instance: Instance): number {
    return this.#held.get(instance) ?? 0;
  }

  #setIdle(instance: Instance): void {
    this.#idle.push(instance);
    this.#idleSinceMs.set(instance, this.#clock.now());
  }

  #takeIdle(): Instance | undefined {
    const instance = this.#idle.pop();
    if (instance) this.#idleSinceMs.delete(instance);
    return instance;
  }

  #waitingSinceMs(): number | null {
    const since = [this.#waiting.sinceMs, ...[...this.#current].map(({ nextSinceMs }) => nextSinceMs)];
    const known = since.filter((sinceMs) => sinceMs !== null);
    return this.#stopped || known.length === 0 ? null : Math.min(...known);
  }

  #waitingCount(): number {
    return this.#waiting.length + [...this.#current].filter(({ nextSinceMs }) => nextSinceMs !== null).length;
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
      if (instance.ended) this.#failOne(instance);
      else this.#offer(instance);
    });
  }

  /** A worker that could not even start: one invocation dies of it, so that somebody hears why. */
  #failOne(ended: Instance): void {
    if (this.#waiting.length > 0) this.#waiting.give(this.#slot(ended));
    if (this.#waiting.length > 0 && this.#current.size === 0) this.#grow();
  }

  #retire(instance: Instance): void {
    this.#current.delete(instance);
    const place = this.#idle.indexOf(instance);
    if (place < 0) {
      this.#retired.add(instance);
      instance.takeBack();
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
