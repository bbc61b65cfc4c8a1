/**
 * What the broker asks of a store: an ordered map from text to text whose batches are atomic and kept in order.
 *
 * A batch whose promise resolved survives the death of the process; after a loss of power, the store holds a prefix of
 * the batches' history.
 */
export interface Storage {
  /** Where it is, for messages: a folder, or "memory". */
  readonly location: string;
  /** The value, or undefined. Synchronous: it comes from memory or the operating system's page cache. */
  read(key: string): string | undefined;
  /** Every entry with `from <= key < to`, in order of key, in pages. */
  entries(from: string, to: string): AsyncIterable<readonly (readonly [key: string, value: string])[]>;
  /** Applies all of it or none. Called again only when the last call has settled. */
  write(batch: readonly StorageOperation[]): Promise<void>;
  /** Removes every entry with `from <= key < to`, in pieces: not atomic, and safe to do again. */
  clear(from: string, to: string): Promise<void>;
  close(): Promise<void>;
}

export type StorageOperation =
  /** `fresh`: the key was never written before, so that removing it soon may leave no trace at all. */
  { type: "put"; key: string; value: string; fresh: boolean } | { type: "del"; key: string };
