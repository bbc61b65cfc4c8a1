import type { Storage, StorageOperation } from "../../packages/cli/src/local-sqs/storage/storage.js";

type PendingWrite = {
  batch: readonly StorageOperation[];
  resolve: () => void;
  reject: (error: Error) => void;
};

/** A disk whose writes end when, and how, the simulation says. The entries are what survives a crash. */
export class SimulatedStorage implements Storage {
  readonly location = "simulation";
  readonly #disk: Map<string, string>;
  #pending: PendingWrite | null = null;
  #dead = false;

  constructor(disk: Map<string, string>) {
    this.#disk = disk;
  }

  /** Whether a write has failed. */
  failed = false;

  get writing(): boolean {
    return this.#pending !== null;
  }

  read(key: string): string | undefined {
    return this.#disk.get(key);
  }

  async *entries(from: string, to: string): AsyncIterable<[string, string][]> {
    yield [...this.#disk].filter(([key]) => key >= from && key < to).sort(([a], [b]) => (a < b ? -1 : 1));
  }

  write(batch: readonly StorageOperation[]): Promise<void> {
    if (this.#pending) throw new Error("two writes at once");
    return new Promise((resolve, reject) => {
      if (!this.#dead) this.#pending = { batch: structuredClone(batch), resolve, reject };
    });
  }

  /** The write under way reaches the disk. */
  finishWrite(): void {
    const write = this.#pending;
    this.#pending = null;
    for (const operation of write?.batch ?? []) {
      if (operation.type === "put") this.#disk.set(operation.key, operation.value);
      else this.#disk.delete(operation.key);
    }
    write?.resolve();
  }

  /** The write under way fails, and nothing of it reaches the disk. */
  failWrite(): void {
    const write = this.#pending;
    this.#pending = null;
    this.failed = true;
    write?.reject(new Error("simulated: no space left on device"));
  }

  /** The process is gone: nothing it still asks for happens. */
  die(): void {
    this.#dead = true;
    this.#pending = null;
  }

  async clear(from: string, to: string): Promise<void> {
    if (this.#dead) return;
    for (const key of this.#disk.keys()) if (key >= from && key < to) this.#disk.delete(key);
  }

  async close(): Promise<void> {}
}
