import type { DatabaseOperation, DatabaseRange } from "../local-sqs/storage/database.js";
import type { ItemDatabase } from "./item-database.js";

/** A database in memory, for tests: made for hundreds of items, which it sorts whenever they are listed. */
export class MemoryDatabase implements ItemDatabase {
  readonly #entries = new Map<string, string>();

  read(key: string): string | undefined {
    return this.#entries.get(key);
  }

  async write(batch: readonly DatabaseOperation[]): Promise<void> {
    for (const operation of batch) {
      if (operation.type === "put") this.#entries.set(operation.key, operation.value.toString());
      else this.#entries.delete(operation.key);
    }
  }

  async *entries(from: string, to: string): AsyncIterable<[string, string][]> {
    yield this.#sorted().filter(([key]) => key >= from && key < to);
  }

  async *values({ gt, gte, lt, lte, reverse }: DatabaseRange): AsyncIterable<string[]> {
    const within = this.#sorted().filter(
      ([key]) =>
        (gt === undefined || key > gt) &&
        (gte === undefined || key >= gte) &&
        (lt === undefined || key < lt) &&
        (lte === undefined || key <= lte),
    );
    if (reverse) within.reverse();
    yield within.map(([, value]) => value);
  }

  async clear(from: string, to: string): Promise<void> {
    for (const key of this.#entries.keys()) if (key >= from && key < to) this.#entries.delete(key);
  }

  async close(): Promise<void> {}

  #sorted(): [string, string][] {
    return [...this.#entries].sort(([a], [b]) => (a < b ? -1 : 1));
  }
}
