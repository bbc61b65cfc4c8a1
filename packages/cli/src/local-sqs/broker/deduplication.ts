import { SQS_DEDUPLICATION_WINDOW_SECONDS } from "@queue-run/runtime/limits";
import { ArrivalOrder } from "./arrival-order.js";
import type { QueueAttributes } from "./broker.js";

const WINDOW_MS = SQS_DEDUPLICATION_WINDOW_SECONDS * 1000;

/**
 * What a FIFO queue has seen in the last five minutes: a key for each message, which outlives it. The first message's
 * ids are in the store, to be read when a duplicate comes. Times are steady; the store has wall times.
 */
export class DeduplicationWindow {
  readonly scope: QueueAttributes["deduplicationScope"];
  /** When each key's window ends, since the first: a small integer costs no memory of its own. */
  readonly #ends = new Map<string, number>();
  /** In the order in which the windows end. */
  readonly #order = new ArrivalOrder();
  #since = 0;

  constructor(scope: QueueAttributes["deduplicationScope"]) {
    this.scope = scope;
  }

  /** What identifies a message: its deduplication id, within its group when that is the scope. */
  key(groupId: string, deduplicationId: string): string {
    // Neither id can have a space.
    return this.scope === "messageGroup" ? `${groupId} ${deduplicationId}` : deduplicationId;
  }

  has(key: string, now: number): boolean {
    const end = this.#ends.get(key);
    return end !== undefined && now < this.#since + end;
  }

  /** @param ageMs - how long ago the message was sent: 0, but for what is read back from the store */
  add(key: string, now: number, ageMs = 0): void {
    this.#since ||= now;
    this.#ends.set(key, now + WINDOW_MS - Math.max(0, ageMs) - this.#since);
    this.#order.push(key, this.#ends.size, (other) => this.#ends.has(other));
  }

  /** Forgets keys whose window has ended, at most `max` of them, and returns them. */
  removeEnded(now: number, max: number): string[] {
    const ended: string[] = [];
    for (let key = this.#order.first(); key !== undefined && ended.length < max; key = this.#order.first()) {
      if (this.has(key, now)) break;
      this.#order.shift();
      if (this.#ends.delete(key)) ended.push(key);
    }
    return ended;
  }

  /** When the oldest window ends; Infinity when there is none. */
  nextEnd(): number {
    const first = this.#order.first();
    return first === undefined ? Number.POSITIVE_INFINITY : this.#since + (this.#ends.get(first) ?? 0);
  }

  clear(): void {
    this.#ends.clear();
    this.#order.clear();
  }
}
