import { statSync } from "node:fs";
import type { Clock } from "../../clock/clock.js";

/**
 * How long after a change others are waited for: an editor's save is often more than one. A timer of no time at all is
 * due a millisecond later; one of a millisecond is often found not to be due yet, and takes two.
 */
const SETTLE_MS = 0;
/** A file that is empty may be about to be written. */
const EMPTY_FILE_MS = 30;

/**
 * Gathers changes that come together, and hands them over one group after another.
 *
 * @param apply - called with absolute paths; never while an earlier call runs
 */
export function collectChanges(
  clock: Clock,
  apply: (files: string[]) => Promise<void>,
): { changed: (file: string) => void; stop: () => void } {
  let waiting = new Set<string>();
  let cancel: (() => void) | null = null;
  let applying = false;
  let stopped = false;

  function schedule(): void {
    if (applying || stopped || waiting.size === 0) return;
    cancel?.();
    const delay = [...waiting].some(isEmptyFile) ? EMPTY_FILE_MS : SETTLE_MS;
    cancel = clock.at(clock.now() + delay, () => void run());
  }

  async function run(): Promise<void> {
    cancel = null;
    applying = true;
    const files = [...waiting];
    waiting = new Set();
    try {
      await apply(files);
    } finally {
      applying = false;
      schedule();
    }
  }

  return {
    changed(file) {
      waiting.add(file);
      schedule();
    },
    stop() {
      stopped = true;
      cancel?.();
    },
  };
}

function isEmptyFile(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.size === 0;
}
