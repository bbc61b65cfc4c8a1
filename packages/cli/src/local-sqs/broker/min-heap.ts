/** A binary heap of (key, value) pairs of numbers, smallest key first, smaller values first among equal keys. */
export class MinHeap {
  #keys: number[] = [];
  #values: number[] = [];

  get size(): number {
    return this.#keys.length;
  }

  /** The smallest key; Infinity when empty. */
  peekKey(): number {
    return this.#keys[0] ?? Number.POSITIVE_INFINITY;
  }

  /** The value of the smallest key; -1 when empty. */
  peekValue(): number {
    return this.#values[0] ?? -1;
  }

  push(key: number, value: number): void {
    const keys = this.#keys;
    const values = this.#values;
    let index = keys.length;
    keys.push(key);
    values.push(value);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#before(key, value, parent)) break;
      this.#move(parent, index);
      index = parent;
    }
    keys[index] = key;
    values[index] = value;
  }

  /** Removes the smallest pair and returns its value; -1 when empty. */
  pop(): number {
    const top = this.peekValue();
    const key = this.#keys.pop();
    const value = this.#values.pop();
    if (key === undefined || value === undefined || this.#keys.length === 0) return top;
    this.#sink(0, key, value);
    return top;
  }

  clear(): void {
    this.#keys = [];
    this.#values = [];
  }

  /** Keeps the pairs for which `keep` holds, with their keys moved by `shift`. Takes time in proportion to the size. */
  rebuild(keep: (key: number, value: number) => boolean, shift = 0): void {
    const keys = this.#keys;
    const values = this.#values;
    this.clear();
    for (let index = 0; index < keys.length; index++) {
      const key = keys[index] ?? 0;
      const value = values[index] ?? 0;
      if (keep(key, value)) this.push(key + shift, value);
    }
  }

  #sink(start: number, key: number, value: number): void {
    const size = this.#keys.length;
    let index = start;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= size) break;
      const right = child + 1;
      if (right < size && this.#before(this.#keys[right] ?? 0, this.#values[right] ?? 0, child))
        child = right;
      if (this.#before(key, value, child)) break;
      this.#move(child, index);
      index = child;
    }
    this.#keys[index] = key;
    this.#values[index] = value;
  }

  #before(key: number, value: number, index: number): boolean {
    const other = this.#keys[index] ?? 0;
    return key < other || (key === other && value < (this.#values[index] ?? 0));
  }

  #move(from: number, to: number): void {
    this.#keys[to] = this.#keys[from] ?? 0;
    this.#values[to] = this.#values[from] ?? 0;
  }
}
