import type { QueueAttributes } from "./broker.js";
import { DeduplicationWindow } from "./deduplication.js";
import { FifoOrder } from "./fifo-order.js";
import { DELAYED, GONE, IN_FLIGHT, MessageTable, VISIBLE } from "./message-table.js";
import { MinHeap } from "./min-heap.js";
import { ReceiveAttempts } from "./receive-attempts.js";
import type { QueueRecord } from "./records.js";
import { StandardOrder, type VisibleOrder } from "./standard-order.js";
import { Waiters } from "./waiters.js";

/** What is known of a message that was received at least once. */
export type Receipt = {
  receiveCount: number;
  firstReceivedAtMs: number;
  /** Names this receive in its handle; 0: not since the start. */
  receiveId: number;
  /** Steady time of the receive. */
  receivedAt: number;
  /** Steady time at which it becomes visible again; 0 when it is not in flight. */
  visibleAt: number;
  /** Its receiver lives in this process. */
  held: boolean;
};

/** Stale deadlines that are kept before the heap is rebuilt. */
const STALE_DEADLINES = 1024;

/**
 * One queue in memory: the states of its messages and what falls due. Knows nothing of storage or of other queues;
 * times are steady unless their names say otherwise.
 */
export class QueueState {
  readonly id: number;
  readonly record: QueueRecord;
  readonly table: MessageTable;
  readonly order: VisibleOrder;
  readonly receipts = new Map<number, Receipt>();
  readonly waiters = new Waiters();
  /** Null on a standard queue. */
  readonly deduplication: DeduplicationWindow | null;
  readonly attempts = new ReceiveAttempts();
  nextSeq = 1;
  /** Numbers below it may have been used, as far as the store knows. */
  reservedSeq = 1;
  readonly #deadlines = new MinHeap();
  #delays = new MinHeap();
  /** Messages that were sent before one with a lower number, so that age does not follow number: by wall time. */
  readonly #outOfOrder = new MinHeap();
  #latestSentAtMs = 0;

  constructor(id: number, record: QueueRecord, shuffle: (() => number) | null) {
    this.id = id;
    this.record = record;
    const fifo = record.attributes.fifoQueue;
    this.table = new MessageTable(fifo);
    this.order = fifo ? new FifoOrder(this.table) : new StandardOrder(this.table, shuffle);
    this.deduplication = fifo ? new DeduplicationWindow(record.deduplicationScope) : null;
  }

  get attributes(): QueueAttributes {
    return this.record.attributes;
  }

  get fifo(): boolean {
    return this.record.attributes.fifoQueue;
  }

  /** @param visibleAt - steady time at which a delay ends; 0: visible now */
  add(seq: number, groupId: string | null, sentAtMs: number, visibleAt: number): void {
    this.table.add(seq, visibleAt > 0 ? DELAYED : VISIBLE, sentAtMs);
    if (visibleAt > 0) this.#delays.push(visibleAt, seq);
    if (sentAtMs < this.#latestSentAtMs) this.#outOfOrder.push(sentAtMs, seq);
    else this.#latestSentAtMs = sentAtMs;
    this.order.added(seq, groupId);
  }

  /** Puts a message in flight until `visibleAt`. */
  hide(seq: number, receipt: Receipt, visibleAt: number): void {
    receipt.visibleAt = visibleAt;
    this.table.setState(seq, IN_FLIGHT);
    this.#deadlines.push(visibleAt, seq);
    if (this.#deadlines.size > 2 * this.table.count(IN_FLIGHT) + STALE_DEADLINES) {
      this.#deadlines.rebuild((deadline, other) => this.receipts.get(other)?.visibleAt === deadline);
    }
  }

  /** Ends a message's time in flight. */
  show(seq: number, receipt: Receipt): void {
    receipt.visibleAt = 0;
    this.table.setState(seq, VISIBLE);
    this.order.becameVisible(seq, receipt.receiveCount);
  }

  /** As `show`, for a delivery that was undone. */
  putBack(seq: number, receipt: Receipt): void {
    receipt.visibleAt = 0;
    this.table.setState(seq, VISIBLE);
    this.order.undone(seq);
  }

  remove(seq: number): void {
    this.order.removing(seq);
    this.table.setState(seq, GONE);
    this.receipts.delete(seq);
  }

  clear(): void {
    this.table.clear();
    this.order.clear();
    this.receipts.clear();
    this.attempts.clear();
    this.deduplication?.clear();
    this.#deadlines.clear();
    this.#delays.clear();
    this.#outOfOrder.clear();
  }

  /** Makes visible what is due. Returns whether anything was. */
  showDue(now: number): boolean {
    let any = false;
    while (this.#delays.peekKey() <= now) {
      const seq = this.#delays.pop();
      if (this.table.state(seq) !== DELAYED) continue;
      this.table.setState(seq, VISIBLE);
      this.order.becameVisible(seq, this.receipts.get(seq)?.receiveCount ?? 0);
      any = true;
    }
    while (this.#deadlines.peekKey() <= now) {
      const deadline = this.#deadlines.peekKey();
      const seq = this.#deadlines.pop();
      const receipt = this.receipts.get(seq);
      if (receipt?.visibleAt !== deadline) continue;
      this.show(seq, receipt);
      any = true;
    }
    return any;
  }

  /** When the next message becomes visible by itself; Infinity: none will. May be early. */
  nextVisibleAt(): number {
    return Math.min(this.#delays.peekKey(), this.#deadlines.peekKey());
  }

  /** A FIFO queue's new delay counts for what is already delayed. Developer Guide, "Delay queues". */
  shiftDelays(byMs: number): void {
    this.#delays.rebuild((_visibleAt, seq) => this.table.state(seq) === DELAYED, byMs);
  }

  /** The message that was sent first, by wall time; 0 when the queue is empty. */
  oldest(): number {
    const first = this.table.first();
    if (first === 0) return 0;
    const heap = this.#outOfOrder;
    while (heap.size > 0 && this.table.state(heap.peekValue()) === GONE) heap.pop();
    return heap.peekKey() < this.table.sentAtMs(first) ? heap.peekValue() : first;
  }
}
