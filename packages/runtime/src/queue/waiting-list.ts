/** Items in the order they came. Taking from the front costs the same however many wait, unlike an array's `shift`. */
export class WaitingList<T> {
  #items: T[] = [];
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  /** @returns the item that is `index` places behind the first, or undefined */
  at(index: number): T | undefined {
    return this.#items[this.#head + index];
  }

  add(item: T): void {
    this.#items.push(item);
  }

  /** Puts items before all others, in their own order. */
  putBack(items: T[]): void {
    this.#items = [...items, ...this.#items.slice(this.#head)];
    this.#head = 0;
  }

  /** Takes the first items out, fewer than `count` where fewer wait. */
  take(count: number): T[] {
    const taken = this.#items.slice(this.#head, this.#head + count);
    this.#head += taken.length;
    if (this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return taken;
  }
}
