/** A key that was removed, in the place of its place. */
const REMOVED = -1;

/**
 * The net effect of what a log holds: for each key where its last value is, or that it was removed. The values
 * themselves stay in the log, so that waiting messages do not fill the memory between two checkpoints.
 */
export class LogIndex {
  /** Twice the place, and one more for a key that is new in this log: removed again, it was never there. */
  readonly #places = new Map<string, number>();

  get size(): number {
    return this.#places.size;
  }

  /** @param fresh - the key was never written before */
  put(key: string, valueAt: number, fresh: boolean): void {
    const isNew = fresh || isNewPlace(this.#places.get(key));
    this.#places.set(key, 2 * valueAt + (isNew ? 1 : 0));
  }

  delete(key: string): void {
    if (isNewPlace(this.#places.get(key))) this.#places.delete(key);
    else this.#places.set(key, REMOVED);
  }

  /** Where the key's value is; null when it was removed, undefined when the log says nothing of it. */
  find(key: string): number | null | undefined {
    const place = this.#places.get(key);
    return place === undefined ? undefined : valueAtOf(place);
  }

  /** Forgets every key with `from <= key < to`. */
  forget(from: string, to: string): void {
    for (const key of this.#places.keys()) if (key >= from && key < to) this.#places.delete(key);
  }

  /** Keys, each with what `find` says of it. */
  *entries(): Iterable<[key: string, valueAt: number | null]> {
    for (const [key, place] of this.#places) yield [key, valueAtOf(place)];
  }
}

const valueAtOf = (place: number) => (place === REMOVED ? null : Math.floor(place / 2));
const isNewPlace = (place: number | undefined) => place !== undefined && place !== REMOVED && place % 2 === 1;
