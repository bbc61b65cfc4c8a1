import type { Delivery, ReceiveRequest } from "./broker.js";

/** A receive that waits for messages. */
export type Waiter = {
  request: ReceiveRequest;
  /** Steady time at which it gives up. */
  endsAt: number;
  answer: (delivery: Promise<Delivery> | Delivery) => void;
  fail: (error: unknown) => void;
  signal: AbortSignal | undefined;
  onAbort: () => void;
};

/** The long polls of a queue: first come, first served. */
export class Waiters {
  readonly #waiters = new Set<Waiter>();
  #nextEnd = Number.POSITIVE_INFINITY;

  get size(): number {
    return this.#waiters.size;
  }

  /** No later than the time at which the first one gives up. */
  nextEnd(): number {
    return this.#nextEnd;
  }

  add(waiter: Waiter): void {
    this.#waiters.add(waiter);
    this.#nextEnd = Math.min(this.#nextEnd, waiter.endsAt);
    waiter.signal?.addEventListener("abort", waiter.onAbort, { once: true });
  }

  first(): Waiter | undefined {
    for (const waiter of this.#waiters) return waiter;
    return undefined;
  }

  remove(waiter: Waiter): void {
    this.#waiters.delete(waiter);
    waiter.signal?.removeEventListener("abort", waiter.onAbort);
    if (this.#waiters.size === 0) this.#nextEnd = Number.POSITIVE_INFINITY;
  }

  /** Takes out those whose time is over. */
  removeEnded(now: number): Waiter[] {
    if (now < this.#nextEnd) return [];
    const ended = [...this.#waiters].filter((waiter) => waiter.endsAt <= now);
    for (const waiter of ended) this.remove(waiter);
    this.#nextEnd = Math.min(Number.POSITIVE_INFINITY, ...[...this.#waiters].map((waiter) => waiter.endsAt));
    return ended;
  }

  removeAll(): Waiter[] {
    const all = [...this.#waiters];
    for (const waiter of all) this.remove(waiter);
    return all;
  }
}
