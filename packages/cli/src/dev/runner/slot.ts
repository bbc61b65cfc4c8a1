import type { InvocationPayload } from "../worker/protocol.js";
import type { AnswerSink, Outcome } from "./outcome.js";

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

/** Somebody waits for a slot. */
type Waiting = { sinceMs: number; resolve: (slot: Slot | null) => void };

/** Those who wait for a slot, in order. */
export class SlotQueue {
  readonly #waiting: Waiting[] = [];

  get length(): number {
    return this.#waiting.length;
  }

  /** Since when the first of them waits; null when nobody does. */
  get sinceMs(): number | null {
    return this.#waiting[0]?.sinceMs ?? null;
  }

  /**
   * @param sinceMs - now, or when the wait began
   * @param signal - aborted, it ends the wait: with null
   * @param first - before all others, since it had waited its turn before
   */
  wait(sinceMs: number, signal?: AbortSignal, first = false): Promise<Slot | null> {
    return new Promise((resolve) => {
      const giveUp = (): void => {
        const place = this.#waiting.indexOf(waiting);
        if (place >= 0) this.#waiting.splice(place, 1);
        resolve(null);
      };
      const waiting: Waiting = {
        sinceMs,
        resolve: (slot) => {
          signal?.removeEventListener("abort", giveUp);
          resolve(slot);
        },
      };
      if (first) this.#waiting.unshift(waiting);
      else this.#waiting.push(waiting);
      signal?.addEventListener("abort", giveUp, { once: true });
    });
  }

  /** Gives the first what it waits for. Somebody must wait. */
  give(slot: Slot): void {
    this.#waiting.shift()?.resolve(slot);
  }

  /** Nobody gets one any more. */
  refuseAll(): void {
    for (const { resolve } of this.#waiting.splice(0)) resolve(null);
  }
}
