import { GROW_AFTER_MS } from "./growth.js";
import type { Instance } from "./instance.js";

/** The instances of one function: which are on its newest code, which of those are free, and how much each has to do. */
export class InstancePool {
  readonly #current = new Set<Instance>();
  /** On old code, or too many: they end when what they run has ended. */
  readonly #retired = new Set<Instance>();
  /** Since when they are free, milliseconds since 1970; the one that became free last is at the end. */
  readonly #idleSinceMs = new Map<Instance, number>();
  /** How many slots of each are given away. */
  readonly #held = new Map<Instance, number>();

  /** How many there are on the newest code. */
  get size(): number {
    return this.#current.size;
  }

  get current(): Instance[] {
    return [...this.#current];
  }

  get all(): Instance[] {
    return [...this.#current, ...this.#retired];
  }

  add(instance: Instance): void {
    this.#current.add(instance);
  }

  isCurrent(instance: Instance): boolean {
    return this.#current.has(instance);
  }

  /** It is gone. Returns whether it was on the newest code. */
  forget(instance: Instance): boolean {
    this.#retired.delete(instance);
    this.#idleSinceMs.delete(instance);
    return this.#current.delete(instance);
  }

  /** It gets nothing more to do. Returns whether it has nothing to do now. */
  retire(instance: Instance): boolean {
    this.#current.delete(instance);
    this.#retired.add(instance);
    return this.#idleSinceMs.delete(instance);
  }

  held(instance: Instance): number {
    return this.#held.get(instance) ?? 0;
  }

  hold(instance: Instance): void {
    this.#held.set(instance, this.held(instance) + 1);
  }

  release(instance: Instance): void {
    const held = this.held(instance) - 1;
    if (held > 0) this.#held.set(instance, held);
    else this.#held.delete(instance);
  }

  setIdle(instance: Instance, nowMs: number): void {
    this.#idleSinceMs.delete(instance);
    this.#idleSinceMs.set(instance, nowMs);
  }

  /** The one that has run something last: what it needs is still in the processor's caches. */
  takeIdle(): Instance | undefined {
    const instance = [...this.#idleSinceMs.keys()].at(-1);
    if (instance) this.#idleSinceMs.delete(instance);
    return instance;
  }

  /** Those that have been free since `sinceMs` or longer. */
  idleSince(sinceMs: number): Instance[] {
    return [...this.#idleSinceMs].filter(([, idleSinceMs]) => idleSinceMs <= sinceMs).map(([idle]) => idle);
  }

  /** Whether it runs one invocation, which it has begun a moment ago, and has no other to run. */
  isQuick(instance: Instance, nowMs: number): boolean {
    return this.held(instance) === 1 && nowMs - (instance.busySinceMs ?? 0) < GROW_AFTER_MS;
  }

  /** The instance whose next invocation has waited longest. */
  longestAhead(): Instance | null {
    let longest: Instance | null = null;
    for (const instance of this.#current) {
      const { nextSinceMs } = instance;
      if (nextSinceMs !== null && nextSinceMs < (longest?.nextSinceMs ?? Number.POSITIVE_INFINITY))
        longest = instance;
    }
    return longest;
  }
}
