import type { connectRecords } from "@queue-run/runtime/records";

type Records = ReturnType<typeof connectRecords>;

/** Records of an invocation whose process ends before anybody hears what became of its jobs. */
export type CrashingRecords = {
  records: Records;
  /** Resolves when every job that was claimed has ended: that is when the process is gone. */
  crashed: Promise<void>;
};

/** Turns of the event loop in which another job of the delivery may be claimed. */
const TURNS = 4;

const nextTurn = setImmediate;

/** @param records - where jobs are claimed; nothing is said there of how they ended */
export function crashingRecords(records: Records): CrashingRecords {
  let running = 0;
  let crash = (): void => {};
  const crashed = new Promise<void>((resolve) => {
    crash = resolve;
  });

  function wait(turns: number): void {
    if (running > 0) return;
    if (turns === 0) crash();
    else nextTurn(() => wait(turns - 1));
  }

  function ended(): Promise<never> {
    running--;
    wait(TURNS);
    return new Promise(() => {
      // Who would hear of it is gone.
    });
  }

  return {
    crashed,
    records: {
      ...records,
      async claim(claim) {
        const answer = await records.claim(claim);
        if (answer.kind === "claimed") running++;
        return answer;
      },
      complete: ended,
      retry: ended,
      fail: ended,
    },
  };
}
