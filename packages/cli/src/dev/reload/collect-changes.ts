import { statSync } from "node:fs";
import type { Clock } from "../../clock/clock.js";

/** A file that is empty may be about to be written. */
const EMPTY_FILE_MS = 30;

export type CollectPorts = {
  clock: Clock;
  /** Calls back when what the operating system has told of together is all known. */
  soon: (callback: () => void) => void;
};

/**
 * Gathers changes that are told of together, and hands them over at once, one group after another: a save that turns
 * out to be more than one change is taken up again with the next.
 *
 * @param apply - called with absolute paths; never while an earlier call runs
 */
export function collectChanges(
  { clock, soon }: CollectPorts,
  apply: (files: string[]) => Promise<void>,
): { changed: (file: string) => void; stop: () => void } {
  let waiting = new Set<string>();
  /** Changes when what was due is no longer. */
  let turn = 0;
  let cancelWait = (): void => {};
  let applying = false;
  let stopped = false;

  function schedule(): void {
    if (applying || stopped || waiting.size === 0) return;
    cancelWait();
    const due = ++turn;
    const runIfDue = (): void => {
      if (due === turn && !stopped) void run();
    };
    if ([...waiting].some(isEmptyFile)) cancelWait = clock.at(clock.now() + EMPTY_FILE_MS, runIfDue);
    else soon(runIfDue);
  }

  async function run(): Promise<void> {
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
      cancelWait();
    },
  };
}

function isEmptyFile(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.size === 0;
}
