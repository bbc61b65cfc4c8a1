import type { QueueRunError } from "@queue-run/runtime/errors";
import { deployInterruptedError } from "../errors/deploy-errors.js";

/** Ctrl-C and the like, as long as somebody watches for them. */
export type Interrupts = { signal: AbortSignal; stopWatching: () => void };

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/**
 * Takes the first Ctrl-C (or SIGTERM) as a wish to end in order; the second one ends the process.
 *
 * @param onFirst - tells that it was heard
 * @param reason - of the abort
 */
export function watchInterrupts(
  onFirst: () => void,
  reason: QueueRunError = deployInterruptedError(null),
): Interrupts {
  const controller = new AbortController();
  const interrupt = () => {
    stopWatching();
    controller.abort(reason);
    onFirst();
  };
  const stopWatching = () => {
    for (const signal of SIGNALS) process.removeListener(signal, interrupt);
  };
  for (const signal of SIGNALS) process.on(signal, interrupt);
  return { signal: controller.signal, stopWatching };
}
