const SECOND_MS = 1_000;

/**
 * @param perSecond - how many may come in a second
 * @param now - milliseconds since 1970
 * @returns a function to ask for each new connection: whether it may come now
 */
export function connectionRate(perSecond: number, now: () => number): () => boolean {
  let sinceMs = Number.NEGATIVE_INFINITY;
  let count = 0;
  return () => {
    const at = now();
    if (at - sinceMs >= SECOND_MS || at < sinceMs) {
      sinceMs = at;
      count = 0;
    }
    return ++count <= perSecond;
  };
}
