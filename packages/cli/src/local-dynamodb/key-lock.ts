/** Called when what held the key is done; `release(done)` gives a callback that lets the next one in. */
type Release = <Values extends unknown[]>(done: (...values: Values) => void) => (...values: Values) => void;

/** @returns what runs one caller at a time for each key, in the order in which they came */
export function keyLock(): (key: string, run: (release: Release) => void) => void {
  const waiting = new Map<string, (() => void)[]>();

  function start(key: string, run: (release: Release) => void): void {
    run((done) => (...values) => {
      const next = waiting.get(key)?.shift();
      if (next) next();
      else waiting.delete(key);
      done(...values);
    });
  }

  return (key, run) => {
    const queue = waiting.get(key);
    if (queue) queue.push(() => start(key, run));
    else {
      waiting.set(key, []);
      start(key, run);
    }
  };
}
