import { availableParallelism } from "node:os";
import type { Clock } from "../../clock/clock.js";
import type { InvocationPayload, WorkerEvent } from "../worker/protocol.js";
import { GROW_AFTER_MS, Growth } from "./growth.js";
import type { Instance, InstanceFunction } from "./instance.js";
import { InstancePool } from "./instance-pool.js";
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
  readonly #pool = new InstancePool();
  readonly #starting = new Set<Instance>();
  readonly #waiting = new SlotQueue();
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
      instances: () => this.#pool.current,
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
    return this.#pool.all.filter((instance) => instance.busy);
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
    const replaced = this.#pool.current;
    for (const instance of replaced) this.#retire(instance);
    if (replaced.length > 0 || this.#waiting.length > 0) this.#grow();
  }

  /** Ends idle instances that have not been needed for a while, all but one. */
  reap(): void {
    for (const instance of this.#pool.idleSince(this.#clock.now() - IDLE_LIFETIME_MS))
      if (this.#pool.size > 1) this.#retire(instance);
  }

  /** Nobody gets an instance any more; running invocations die as `stopped`. */
  async stop(): Promise<void> {
    this.close();
    await Promise.all(this.#pool.all.map((instance) => instance.end({ kind: "stopped" })));
  }

  /** Nobody gets an instance any more; running invocations go on. */
  close(): void {
    this.#stopped = true;
    this.#growth.stop();
    this.#waiting.refuseAll();
    for (const instance of this.#pool.current) {
      if (this.#pool.held(instance) === 0) this.#retire(instance);
      else instance.takeBack();
    }
  }

  #acquire(sinceMs: number, signal?: AbortSignal, first?: boolean): Promise<Slot | null> {
    if (this.#stopped || signal?.aborted) return Promise.resolve(null);
    const instance = this.#pool.takeIdle() ?? this.#quickOne();
    if (instance) return Promise.resolve(this.#slot(instance));
    const slot = this.#waiting.wait(sinceMs, signal, first);
    if (this.#pool.size === 0) this.#grow();
    else this.#growth.watch();
    return slot;
  }

  #slot(instance: Instance): Slot {
    this.#pool.hold(instance);
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
    this.#pool.release(instance);
    this.#offer(instance);
  }

  /** Finds something to do for an instance that has room. */
  #offer(instance: Instance): void {
    if (instance.ended) return;
    const isFree = this.#pool.held(instance) === 0;
    if (this.#stopped || !this.#pool.isCurrent(instance)) {
      if (isFree) this.#endLater(instance);
      return;
    }
    const stuck = isFree ? this.#stuckAhead() : null;
    if (stuck || (isFree && this.#waiting.length === 0)) {
      this.#pool.setIdle(instance, this.#clock.now());
      stuck?.takeBack();
    } else if (this.#waiting.length > 0 && (isFree || this.#isQuick(instance)))
      this.#waiting.give(this.#slot(instance));
  }

  /** An instance whose next invocation should not wait any longer for its turn there, when another is free. */
  #stuckAhead(): Instance | null {
    const longest = this.#pool.longestAhead();
    const waitedMs = this.#clock.now() - (longest?.nextSinceMs ?? 0);
    return this.#waiting.length === 0 || waitedMs >= GROW_AFTER_MS ? longest : null;
  }

  /** A queue's instance that is busy, and soon done. */
  #quickOne(): Instance | undefined {
    return this.#pool.current.find((instance) => this.#isQuick(instance));
  }

  #isQuick(instance: Instance): boolean {
    return this.#definition.function.kind === "queue" && this.#pool.isQuick(instance, this.#clock.now());
  }

  #waitingSinceMs(): number | null {
    const ahead = this.#pool.longestAhead()?.nextSinceMs ?? Number.POSITIVE_INFINITY;
    const sinceMs = Math.min(this.#waiting.sinceMs ?? Number.POSITIVE_INFINITY, ahead);
    return this.#stopped || sinceMs === Number.POSITIVE_INFINITY ? null : sinceMs;
  }

  #waitingCount(): number {
    return this.#waiting.length + this.#pool.current.filter(({ nextSinceMs }) => nextSinceMs !== null).length;
  }

  #grow(): void {
    if (this.#stopped || this.#pool.size >= this.#definition.maxInstances) return;
    const instance = this.#spares.take(this.#definition);
    this.#pool.add(instance);
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
    if (this.#waiting.length > 0 && this.#pool.size === 0) this.#grow();
  }

  #retire(instance: Instance): void {
    if (this.#pool.retire(instance)) this.#endLater(instance);
    else instance.takeBack();
  }

  #endLater(instance: Instance): void {
    this.#clock.at(
      this.#clock.now() + (this.#stopped ? 0 : RETIRE_AFTER_MS),
      () => void instance.end({ kind: "stopped" }),
    );
  }

  #forget(instance: Instance): void {
    const wasReady = !this.#starting.has(instance);
    if (this.#pool.forget(instance) && wasReady && this.#waiting.length > 0 && this.#pool.size === 0)
      this.#grow();
  }
}
