import { type MessageTable, VISIBLE } from "./message-table.js";
import type { VisibleOrder } from "./standard-order.js";

/** A message group that has messages: a chain through the table, in order of sending. */
type Group = {
  id: string;
  number: number;
  head: number;
  tail: number;
  /** Waits in `ready`, or is being served. */
  queued: boolean;
};

/**
 * The order of a FIFO queue. A message may be delivered when no earlier one of its group is invisible, save those of
 * the same receive. Groups whose first message is visible take turns; one that was served goes to the back.
 * Observed on AWS: an in-flight message blocks itself and all after it, those before it come back on their own.
 */
export class FifoOrder implements VisibleOrder {
  readonly #table: MessageTable;
  #groups = new Map<string, Group>();
  #byNumber: (Group | undefined)[] = [];
  #freeNumbers: number[] = [];
  /** Groups in turn. A group emptied while it waits here is skipped. */
  #ready: Group[] = [];
  #readyStart = 0;

  constructor(table: MessageTable) {
    this.#table = table;
  }

  added(seq: number, groupId: string | null): void {
    const id = groupId ?? "";
    const group = this.#groups.get(id) ?? this.#addGroup(id);
    this.#table.setGroup(seq, group.number);
    if (group.tail === 0) group.head = seq;
    else this.#table.setNext(group.tail, seq);
    group.tail = seq;
    this.#enqueue(group);
  }

  becameVisible(seq: number): void {
    this.#enqueue(this.#groupOf(seq));
  }

  undone(seq: number): void {
    const group = this.#groupOf(seq);
    if (!group || group.head !== seq || group.queued) return;
    group.queued = true;
    if (this.#readyStart > 0) this.#ready[--this.#readyStart] = group;
    else this.#ready.unshift(group);
  }

  removing(seq: number): void {
    const group = this.#groupOf(seq);
    if (!group) return;
    // What can be deleted is near the head: a group has at most one receive's worth of messages in flight.
    let before = 0;
    for (let at = group.head; at !== seq && at !== 0; at = this.#table.next(at)) before = at;
    const next = this.#table.next(seq);
    if (before === 0) group.head = next;
    else this.#table.setNext(before, next);
    if (group.tail === seq) group.tail = before;
    if (group.head === 0) this.#dropGroup(group);
    else if (before === 0) this.#enqueue(group);
  }

  takeVisible(max: number, take: (seq: number) => boolean): void {
    const served: Group[] = [];
    for (let taken = 0; taken < max; ) {
      const group = this.#shift();
      if (!group) break;
      // Stays marked as queued while it is served, so that removing its messages does not queue it up again.
      served.push(group);
      let seq = group.head;
      while (seq !== 0 && taken < max && this.#table.state(seq) === VISIBLE) {
        const next = this.#table.next(seq);
        if (take(seq)) taken++;
        seq = next;
      }
    }
    for (const group of served) {
      group.queued = false;
      this.#enqueue(group);
    }
  }

  hasVisible(): boolean {
    for (let group = this.#ready[this.#readyStart]; group; group = this.#ready[this.#readyStart]) {
      if (this.#table.state(group.head) === VISIBLE) return true;
      this.#shift();
      group.queued = false;
    }
    return false;
  }

  groupIdOf(seq: number): string | null {
    return this.#groupOf(seq)?.id ?? null;
  }

  clear(): void {
    for (const group of this.#groups.values()) group.head = group.tail = 0;
    this.#groups = new Map();
    this.#byNumber = [];
    this.#freeNumbers = [];
    this.#ready = [];
    this.#readyStart = 0;
  }

  #groupOf(seq: number): Group | undefined {
    return this.#byNumber[this.#table.group(seq)];
  }

  #enqueue(group: Group | undefined): void {
    if (!group || group.queued || group.head === 0 || this.#table.state(group.head) !== VISIBLE) return;
    group.queued = true;
    this.#ready.push(group);
  }

  #shift(): Group | undefined {
    const group = this.#ready[this.#readyStart];
    if (!group) {
      this.#ready = [];
      this.#readyStart = 0;
      return undefined;
    }
    this.#readyStart++;
    if (this.#readyStart > 1024 && this.#readyStart * 2 > this.#ready.length) {
      this.#ready = this.#ready.slice(this.#readyStart);
      this.#readyStart = 0;
    }
    return group;
  }

  #addGroup(id: string): Group {
    const number = this.#freeNumbers.pop() ?? this.#byNumber.length;
    const group: Group = { id, number, head: 0, tail: 0, queued: false };
    this.#byNumber[number] = group;
    this.#groups.set(id, group);
    return group;
  }

  #dropGroup(group: Group): void {
    group.head = group.tail = 0;
    this.#groups.delete(group.id);
    this.#byNumber[group.number] = undefined;
    this.#freeNumbers.push(group.number);
  }
}
