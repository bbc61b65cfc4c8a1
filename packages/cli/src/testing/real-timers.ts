import { timersAreFaked } from "../errors/testing-errors.js";

/** Taken before a test can fake them. */
const { setImmediate: realImmediate, setTimeout: realTimeout, clearTimeout: cancelTimeout } = globalThis;
const realTick = process.nextTick;
const PATIENCE_MS = 250;

/**
 * Pushes are gathered for a turn of the event loop: with timers that never call back, they would never be sent.
 *
 * @throws QueueRunError `QR_TIMERS_ARE_FAKED`
 */
export async function assertRealTimers(): Promise<void> {
  if (globalThis.setImmediate !== realImmediate)
    await assertCallsBack("setImmediate", (callback) => globalThis.setImmediate(callback));
  if (process.nextTick !== realTick)
    await assertCallsBack("process.nextTick", (callback) => process.nextTick(callback));
}

function assertCallsBack(name: string, start: (callback: () => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const givenUp = realTimeout(() => reject(timersAreFaked(name)), PATIENCE_MS);
    start(() => {
      cancelTimeout(givenUp);
      resolve();
    });
  });
}
