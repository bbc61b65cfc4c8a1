/** Numbers that look random and are the same for the same seed. */
export type Random = {
  seed: number;
  /** From 0 up to, not including, 1. */
  next: () => number;
  /** A whole number from `from` to `to`, both included. */
  between: (from: number, to: number) => number;
  /** True in this share of the calls. */
  chance: (share: number) => boolean;
};

/** @param seed - by default that of the environment variable SEED, else a new one; print it where a test fails */
export function randomFrom(seed = Number(process.env.SEED ?? Date.now() % 2 ** 31)): Random {
  let state = seed | 0;
  // mulberry32
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    seed,
    next,
    between: (from, to) => from + Math.floor(next() * (to - from + 1)),
    chance: (share) => next() < share,
  };
}
