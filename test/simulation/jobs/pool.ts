import type { Outcome } from "../../../packages/cli/src/dev/runner/outcome.js";
import type { Slot } from "../../../packages/cli/src/dev/runner/slot.js";
import type { Invocation } from "./ledger.js";
import type { Worker } from "./worker.js";

/** The workers of one queue: each runs one invocation at a time, and those that ended are replaced. */
export class Pool {
  readonly workers = new Set<Worker>();
  readonly #most: number;
  readonly #start: () => Worker;
  readonly #invocation: () => Invocation;
  readonly #held = new Set<Worker>();
  #waiting: { resolve: (slot: Slot | null) => void; signal: AbortSignal }[] = [];

  constructor(most: number, start: () => Worker, invocation: () => Invocation) {
    this.#most = most;
    this.#start = start;
    this.#invocation = invocation;
  }

  acquire(signal: AbortSignal): Promise<Slot | null> {
    if (signal.aborted) return Promise.resolve(null);
    const worker = this.#free();
    if (worker) return Promise.resolve(this.#slot(worker));
    return new Promise((resolve) => {
      const giveUp = () => resolve(null);
      const waiting = {
        signal,
        resolve: (slot: Slot | null) => {
          signal.removeEventListener("abort", giveUp);
          resolve(slot);
        },
      };
      this.#waiting.push(waiting);
      signal.addEventListener("abort", giveUp, { once: true });
    });
  }

  /** A worker's code has stopped. */
  stopped(worker: Worker): void {
    this.workers.delete(worker);
    if (!this.#held.has(worker)) this.#next();
  }

  #free(): Worker | null {
    for (const worker of this.workers) if (!this.#held.has(worker)) return worker;
    if (this.workers.size + this.#ending() >= this.#most) return null;
    const worker = this.#start();
    this.workers.add(worker);
    return worker;
  }

  /** Workers that have ended, and of which the server has not heard it yet. */
  #ending(): number {
    return [...this.#held].filter((worker) => !this.workers.has(worker)).length;
  }

  #slot(worker: Worker): Slot {
    this.#held.add(worker);
    return {
      run: (payload) => {
        if (payload.kind !== "queue") throw new Error("a queue's worker was sent something else");
        const outcome = worker.alive
          ? worker.invoke(payload.delivery, this.#invocation())
          : Promise.resolve<Outcome>({ kind: "died", cause: { kind: "exit", exitCode: 1 } });
        return {
          hangUp: () => {},
          outcome: outcome.finally(() => this.#release(worker)),
        };
      },
      release: () => this.#release(worker),
    };
  }

  #release(worker: Worker): void {
    this.#held.delete(worker);
    this.#next();
  }

  #next(): void {
    this.#waiting = this.#waiting.filter(({ signal }) => !signal.aborted);
    const next = this.#waiting.shift();
    if (!next) return;
    const worker = this.#free();
    if (worker) next.resolve(this.#slot(worker));
    else this.#waiting.unshift(next);
  }
}
