import { queueDoesNotExist } from "../sqs-errors.js";
import type { Storage } from "../storage/storage.js";
import { ContentCache } from "./content-cache.js";
import { Journal } from "./journal.js";
import type { MoveTask } from "./move-task.js";
import type { QueueState } from "./queue-state.js";
import type { Random } from "./random.js";
import { contentKey, queueKey, queueRange, stateKey } from "./records.js";
import type { SteadyTime } from "./steady-time.js";

export type BrokerContextOptions = {
  time: SteadyTime;
  storage: Storage;
  random: Random;
  region: string;
  accountId: string;
  shuffle: boolean;
  maxInFlight: number;
  defer: (callback: () => void) => void;
};

/** What the broker's operations share: the queues, the journal, and where time and chance come from. */
export class BrokerContext {
  readonly time: SteadyTime;
  readonly storage: Storage;
  readonly random: Random;
  readonly shuffle: (() => number) | null;
  readonly maxInFlight: number;
  readonly journal: Journal;
  readonly contents = new ContentCache();
  readonly queues = new Map<string, QueueState>();
  readonly queuesById = new Map<number, QueueState>();
  /** Wall times of deletions, by name. */
  readonly deletedAtMs = new Map<string, number>();
  readonly moveTasks = new Map<string, MoveTask>();
  nextQueueId = 1;
  /** Queues with waiting receives for which something may have become visible. */
  readonly #ready = new Set<QueueState>();
  /** Removals from the store that are under way; one that fails is done again after the next start. */
  readonly #clearing = new Set<Promise<void>>();
  /** Answers the waiting receives of a queue as far as it can. */
  readonly serveWaiters: (queue: QueueState) => void;
  readonly #arnPrefix: string;
  #nextReceiveId = 1;

  constructor(
    options: BrokerContextOptions,
    serveWaiters: (context: BrokerContext, queue: QueueState) => void,
  ) {
    this.serveWaiters = (queue) => serveWaiters(this, queue);
    this.time = options.time;
    this.storage = options.storage;
    this.random = options.random;
    this.maxInFlight = options.maxInFlight;
    this.shuffle = options.shuffle ? () => options.random.next() : null;
    this.#arnPrefix = `arn:aws:sqs:${options.region}:${options.accountId}:`;
    this.journal = new Journal(options.storage, options.defer, () => {
      // After a failure, whoever waits is told.
      if (this.journal.failure) for (const queue of this.queues.values()) this.#ready.add(queue);
      // Answering one queue's receives may move messages to another.
      for (const queue of this.#ready) {
        this.#ready.delete(queue);
        this.serveWaiters(queue);
      }
    });
  }

  /** Throws QueueDoesNotExist, or the error of a store that failed. */
  queue(name: string): QueueState {
    this.journal.assertHealthy();
    const queue = this.queues.get(name);
    if (!queue) throw queueDoesNotExist();
    return queue;
  }

  arnOf(queue: QueueState): string {
    return this.arnOfName(queue.record.name);
  }

  arnOfName(name: string): string {
    return this.#arnPrefix + name;
  }

  /** The queue with this ARN, if there is one. */
  queueOfArn(arn: string): QueueState | undefined {
    return arn.startsWith(this.#arnPrefix) ? this.queues.get(arn.slice(this.#arnPrefix.length)) : undefined;
  }

  /** Names a receive; never the same again, also after a restart (a handle from before it must not fit). */
  receiveId(): number {
    return this.#nextReceiveId++;
  }

  /** Where this run's receive ids start. */
  startReceiveIds(first: number): void {
    this.#nextReceiveId = first;
  }

  /** Messages may have become visible: waiting receives are answered at the end of this turn. */
  wake(queue: QueueState): void {
    if (queue.waiters.size === 0) return;
    this.#ready.add(queue);
    this.journal.wake();
  }

  /** Removes what is left in the store of a queue's messages up to a number, those of a deleted queue for example. */
  clearInBackground(queueId: number, upToSeq: number): void {
    const whole = upToSeq === Number.MAX_SAFE_INTEGER;
    const clear = async () => {
      // The states last: they are what recovery finds the rest by.
      for (const kind of whole ? (["d", "b", "m"] as const) : (["b", "m"] as const)) {
        const [from, end] = queueRange(kind, queueId);
        const after = kind === "b" ? contentKey(queueId, upToSeq + 1) : stateKey(queueId, upToSeq + 1);
        await this.storage.clear(from, whole ? end : after);
      }
    };
    const clearing = clear().catch(() => {});
    this.#clearing.add(clearing);
    void clearing.then(() => this.#clearing.delete(clearing));
  }

  /** Writes what is left and closes the store. */
  async close(): Promise<void> {
    try {
      await Promise.all(this.#clearing);
      await this.journal.close();
    } finally {
      await this.storage.close();
    }
  }

  saveQueue(queue: QueueState): void {
    this.journal.put(queueKey(queue.id), JSON.stringify(queue.record));
  }
}
