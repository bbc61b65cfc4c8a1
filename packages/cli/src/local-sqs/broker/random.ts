import { randomUUID } from "node:crypto";

/** Where the broker's chance comes from; a test's own gives the same run again. */
export type Random = {
  uuid(): string;
  /** From 0 up to, and without, 1. */
  next(): number;
};

export const realRandom: Random = { uuid: () => randomUUID(), next: () => Math.random() };

/** The same sequence for the same seed (mulberry32). Not for secrets. */
export function createSeededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const hex = (digits: number) =>
    Array.from({ length: digits }, () => Math.floor(next() * 16).toString(16)).join("");
  return { next, uuid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}` };
}
