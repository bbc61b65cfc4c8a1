/**
 * An invocation that was posted to a worker ahead of its turn, while another runs, may still be taken back: whoever
 * claims it first has it. Both sides of the port look at the same places, each of which holds the id of an invocation
 * that is on offer, or 0.
 *
 * There are two: when the main thread hears that an invocation has ended it posts one more, and the worker may not have
 * claimed the one before yet.
 */
export type Claims = Int32Array;

/** One of the two places. */
export type Place = 0 | 1;

const NOTHING = 0;

export function createClaims(): Claims {
  return new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT));
}

/** @param id - above 0, and never offered before */
export function offer(claims: Claims, place: Place, id: number): void {
  Atomics.store(claims, place, id);
}

/** Returns whether the invocation is the caller's now: the worker's to run, or the main thread's to give to another. */
export function claim(claims: Claims, place: Place, id: number): boolean {
  return Atomics.compareExchange(claims, place, id, NOTHING) === id;
}
