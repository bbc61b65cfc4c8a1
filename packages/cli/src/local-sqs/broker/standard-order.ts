import { type MessageTable, VISIBLE } from "./message-table.js";
import { MinHeap } from "./min-heap.js";

/** After this many receives a message that comes back queues up behind the others. Developer Guide, ApproximateAgeOfOldestMessage. */
const RECEIVES_BEFORE_THE_BACK = 3;
/** How far the seeded shuffle looks ahead. */
const SHUFFLE_WINDOW = 32;

/** What a queue's kind decides: which visible message is delivered next. */
export type VisibleOrder = {
  /** A message was added to the table, visible or not. */
  added(seq: number, groupId: string | null): void;
  /** A message that was delayed or in flight is visible now. */
  becameVisible(seq: number, receiveCount: number): void;
  /** A delivery was undone: the message is visible again, before all that came after it. */
  undone(seq: number): void;
  /** Called before a message leaves the table. */
  removing(seq: number): void;
  /**
   * Offers visible messages in order until `take` has taken `max` of them. `take` returns true for a message that it
   * put in flight, false for one that it removed.
   */
  takeVisible(max: number, take: (seq: number) => boolean): void;
  hasVisible(): boolean;
  /** A FIFO queue's group of this message; null on a standard queue. */
  groupIdOf(seq: number): string | null;
  clear(): void;
};

/**
 * The order of a standard queue: about the order of sending. Fresh messages are found by a cursor that moves through
 * the table once; those behind it (delayed ones now due, those that came back) wait in a heap by their number.
 */
export class StandardOrder implements VisibleOrder {
  readonly #table: MessageTable;
  readonly #shuffle: (() => number) | null;
  #cursor = 1;
  #behind = new MinHeap();
  #window: number[] = [];

  /** @param shuffle random numbers from 0 to 1, for a queue that does not keep order; null: about in order */
  constructor(table: MessageTable, shuffle: (() => number) | null) {
    this.#table = table;
    this.#shuffle = shuffle;
  }

  added(): void {}

  becameVisible(seq: number, receiveCount: number): void {
    if (seq >= this.#cursor) return;
    this.#behind.push(receiveCount > RECEIVES_BEFORE_THE_BACK ? this.#table.last + 0.5 : seq, seq);
  }

  undone(seq: number): void {
    if (seq < this.#cursor) this.#behind.push(seq, seq);
  }

  removing(): void {}

  takeVisible(max: number, take: (seq: number) => boolean): void {
    for (let taken = 0; taken < max; ) {
      const seq = this.#shuffle ? this.#nextShuffled(this.#shuffle) : this.#next();
      if (seq === 0) return;
      if (take(seq)) taken++;
    }
  }

  hasVisible(): boolean {
    return this.#table.count(VISIBLE) > 0;
  }

  groupIdOf(): null {
    return null;
  }

  clear(): void {
    this.#cursor = this.#table.last + 1;
    this.#behind.clear();
    this.#window = [];
  }

  #next(): number {
    if (!this.hasVisible()) return 0;
    while (this.#behind.size > 0 && this.#table.state(this.#behind.peekValue()) !== VISIBLE)
      this.#behind.pop();
    this.#cursor = this.#table.findFrom(this.#cursor, isVisible);
    if (this.#behind.peekKey() < this.#cursor) return this.#behind.pop();
    if (this.#cursor > this.#table.last) return 0;
    return this.#cursor++;
  }

  #nextShuffled(random: () => number): number {
    const window = this.#window;
    while (window.length < SHUFFLE_WINDOW) {
      const seq = this.#next();
      if (seq === 0) break;
      window.push(seq);
    }
    while (window.length > 0) {
      const index = Math.floor(random() * window.length);
      const seq = window[index] ?? 0;
      window[index] = window[window.length - 1] ?? 0;
      window.pop();
      if (this.#table.state(seq) === VISIBLE) return seq;
    }
    return 0;
  }
}

const isVisible = (state: number) => state === VISIBLE;
