import type { QueueRunError } from "@queue-run/runtime/errors";
import { localStoreClosed, localStoreFailed } from "../../errors/local-store-errors.js";
import type { Storage, StorageOperation } from "../storage/storage.js";

type Batch = {
  operations: Map<string, StorageOperation>;
  /** Somebody waits for it, though there may be nothing in it (any more). */
  awaited: boolean;
  written: Promise<void>;
  resolve: () => void;
  reject: (error: unknown) => void;
};

/**
 * Group commit: what is changed in one turn of the event loop, or while a write is under way, goes into one batch,
 * in which the last write of a key counts.
 *
 * After a failed write memory is ahead of the disk, so nothing is accepted any more: everything not yet written fails,
 * and so does all that follows, until the store is opened again.
 */
export class Journal {
  readonly #storage: Storage;
  readonly #defer: (flush: () => void) => void;
  readonly #beforeWrite: () => void;
  #open: Batch = newBatch();
  #writing: Batch | null = null;
  #scheduled = false;
  #failure: QueueRunError | null = null;

  /**
   * @param defer - calls back at the end of this turn of the event loop
   * @param beforeWrite - called before each batch is closed, for what should share it, and after a failure
   */
  constructor(storage: Storage, defer: (flush: () => void) => void, beforeWrite: () => void) {
    this.#storage = storage;
    this.#defer = defer;
    this.#beforeWrite = beforeWrite;
  }

  put(key: string, value: string): void {
    const before = this.#open.operations.get(key);
    const wasFresh = before?.type === "put" && before.fresh;
    this.#open.operations.set(key, { type: "put", key, value, fresh: wasFresh });
    this.wake();
  }

  /** As `put`, for a key that was never written before: removed soon, it may leave no trace. */
  putFresh(key: string, value: string): void {
    this.#open.operations.set(key, { type: "put", key, value, fresh: true });
    this.wake();
  }

  delete(key: string): void {
    const before = this.#open.operations.get(key);
    if (before?.type === "put" && before.fresh) this.#open.operations.delete(key);
    else this.#open.operations.set(key, { type: "del", key });
    this.wake();
  }

  /** The value as it will be when everything accepted is written. */
  read(key: string): string | undefined {
    const operation = this.#open.operations.get(key) ?? this.#writing?.operations.get(key);
    if (operation) return operation.type === "put" ? operation.value : undefined;
    return this.#storage.read(key);
  }

  /** Resolves when everything accepted so far is written; rejects when it cannot be. */
  committed(): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure);
    if (this.#open.operations.size > 0 || this.#open.awaited) {
      this.#open.awaited = true;
      return this.#open.written;
    }
    return this.#writing?.written ?? Promise.resolve();
  }

  /** Throws when a write has failed or the journal is closed: memory must not change any more. */
  assertHealthy(): void {
    if (this.#failure) throw this.#failure;
  }

  get failure(): QueueRunError | null {
    return this.#failure;
  }

  /** Asks for `beforeWrite`, and a write if there is anything to write, at the end of this turn. */
  wake(): void {
    if (this.#scheduled || this.#writing || this.#failure) return;
    this.#scheduled = true;
    this.#defer(() => {
      this.#scheduled = false;
      this.#flush();
    });
  }

  /** Writes what is left, and refuses everything from then on. */
  async close(): Promise<void> {
    try {
      this.#flush();
      await this.committed();
    } finally {
      this.#failure ??= localStoreClosed();
    }
  }

  #flush(): void {
    if (this.#writing || this.#failure) return;
    this.#beforeWrite();
    const batch = this.#open;
    if (batch.operations.size === 0 && !batch.awaited) return;
    this.#open = newBatch();
    if (batch.operations.size === 0) {
      batch.resolve();
      return;
    }
    this.#writing = batch;
    this.#storage.write([...batch.operations.values()]).then(
      () => {
        this.#writing = null;
        batch.resolve();
        // What came meanwhile has waited long enough.
        if (!this.#scheduled) this.#flush();
      },
      (error: unknown) => this.#fail(batch, error),
    );
  }

  #fail(batch: Batch, error: unknown): void {
    const failure = localStoreFailed(error);
    this.#failure = failure;
    this.#writing = null;
    batch.reject(failure);
    this.#open.reject(failure);
    this.#beforeWrite();
  }
}

function newBatch(): Batch {
  let resolve = () => {};
  let reject = (_error: unknown) => {};
  const written = new Promise<void>((onWritten, onFailed) => {
    resolve = onWritten;
    reject = onFailed;
  });
  // Whoever waits for the batch hears of its failure; nobody may be waiting.
  written.catch(() => {});
  return { operations: new Map(), awaited: false, written, resolve, reject };
}
