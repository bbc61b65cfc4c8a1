/** Stale keys that are kept before the order is rebuilt. */
const STALE = 1024;

/**
 * The keys of a map in the order in which they came, oldest first. A Map's own order is slow to read from the front
 * where many have been deleted.
 */
export class ArrivalOrder {
  #keys: string[] = [];
  #start = 0;

  /** @param live - keys that are still of use; when most are not, `isLive` is asked of each */
  push(key: string, live: number, isLive: (key: string) => boolean): void {
    this.#keys.push(key);
    if (this.#keys.length - this.#start <= 2 * live + STALE) return;
    this.#keys = this.#keys.slice(this.#start).filter(isLive);
    this.#start = 0;
  }

  first(): string | undefined {
    return this.#keys[this.#start];
  }

  shift(): void {
    this.#start++;
    if (this.#start < STALE || this.#start * 2 < this.#keys.length) return;
    this.#keys = this.#keys.slice(this.#start);
    this.#start = 0;
  }

  clear(): void {
    this.#keys = [];
    this.#start = 0;
  }
}
