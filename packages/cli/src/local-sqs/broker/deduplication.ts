import { SQS_DEDUPLICATION_WINDOW_SECONDS } from "@queue-run/runtime/limits";
import type { QueueAttributes } from "./broker.js";

/** The message that a duplicate is answered with. */
export type FirstMessage = { messageId: string; seq: number };

type Entry = FirstMessage & { endsAt: number };

/**
 * The deduplication ids that a FIFO queue has seen in the last five minutes. An entry outlives its message.
 * Times are steady; what is stored is the wall time of the first message.
 */
export class DeduplicationWindow {
  readonly scope: QueueAttributes["deduplicationScope"];
  readonly #entries = new Map<string, Entry>();

  constructor(scope: QueueAttributes["deduplicationScope"]) {
    this.scope = scope;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** What identifies a message: its deduplication id, within its group when that is the scope. */
  key(groupId: string, deduplicationId: string): string {
    // Neither id can have a space.
    return this.scope === "messageGroup" ? `${groupId} ${deduplicationId}` : deduplicationId;
  }

  find(key: string, now: number): FirstMessage | null {
    const entry = this.#entries.get(key);
    return entry && now < entry.endsAt ? entry : null;
  }

  /** @param ageMs - how long ago the message was sent: 0, but for what is read back from the store */
  add(key: string, first: FirstMessage, now: number, ageMs = 0): void {
    const windowMs = SQS_DEDUPLICATION_WINDOW_SECONDS * 1000;
    this.#entries.delete(key);
    this.#entries.set(key, { ...first, endsAt: now + windowMs - Math.max(0, ageMs) });
  }

  /** Forgets entries whose window has ended, at most `max` of them, and returns their keys. */
  removeEnded(now: number, max: number): string[] {
    const ended: string[] = [];
    for (const [key, entry] of this.#entries) {
      if (entry.endsAt > now || ended.length >= max) break;
      ended.push(key);
      this.#entries.delete(key);
    }
    return ended;
  }

  /** When the oldest entry ends; Infinity when there is none. */
  nextEnd(): number {
    for (const entry of this.#entries.values()) return entry.endsAt;
    return Number.POSITIVE_INFINITY;
  }

  clear(): void {
    this.#entries.clear();
  }
}
