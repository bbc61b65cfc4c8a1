import type { Storage, StorageOperation } from "./storage.js";

/** A store in memory, for tests. Its entries outlive `close`, so that it can be opened again. */
export class MemoryStorage implements Storage {
  readonly location = "memory";
  readonly #entries: Map<string, string>;

  /** @param entries what it holds at first; written to in place */
  constructor(entries: Map<string, string> = new Map()) {
    this.#entries = entries;
  }

  read(key: string): string | undefined {
    return this.#entries.get(key);
  }

  async *entries(from: string, to: string): AsyncIterable<readonly (readonly [string, string])[]> {
    yield [...this.#entries].filter(([key]) => key >= from && key < to).sort(([a], [b]) => (a < b ? -1 : 1));
  }

  async write(batch: readonly StorageOperation[]): Promise<void> {
    for (const operation of batch) {
      if (operation.type === "put") this.#entries.set(operation.key, operation.value);
      else this.#entries.delete(operation.key);
    }
  }

  async clear(from: string, to: string): Promise<void> {
    for (const key of this.#entries.keys()) if (key >= from && key < to) this.#entries.delete(key);
  }

  async close(): Promise<void> {}
}
