/** For how long the event loop is kept turning: most handlers have pushed, or answered, by then. */
const AWAKE_MS = 1;
/** Only what comes after so long a silence is worth it: under load the event loop hardly sleeps, and others need the time. */
const SILENCE_MS = 2;

/**
 * A thread that sleeps takes a tenth of a millisecond or two to be woken, which is most of what a push in development
 * takes. So when a worker is given something to do after a time of silence, the event loop turns without sleeping for a
 * millisecond: what the worker then says is heard at once. It costs at most that millisecond of a processor each time.
 *
 * @param ports.now - milliseconds of a clock that only grows
 * @param ports.turn - calls back at the end of this turn of the event loop
 * @returns a function to be called when a worker was given something
 */
export function stayAwake({
  now = () => performance.now(),
  turn = setImmediate,
}: {
  now?: () => number;
  turn?: (callback: () => void) => void;
} = {}): () => void {
  let lastMs = Number.NEGATIVE_INFINITY;
  let untilMs = 0;
  let isTurning = false;
  const turnOn = (): void => {
    isTurning = now() < untilMs;
    if (isTurning) turn(turnOn);
  };
  return () => {
    const nowMs = now();
    const wasSilent = nowMs - lastMs >= SILENCE_MS;
    lastMs = nowMs;
    if (!wasSilent || isTurning) return;
    untilMs = nowMs + AWAKE_MS;
    isTurning = true;
    turn(turnOn);
  };
}
