import { workTooSlow } from "../errors/log-errors.js";

/** How long an invocation waits at its end, in milliseconds. */
const MAX_WAIT_MS = 2_000;

/** What has begun, and who is told when it fails. */
const underWay = new Map<Promise<unknown>, (error: unknown) => void>();
/** What is to be begun at the invocation's end. */
const endings = new Set<() => Promise<unknown>>();

/**
 * Begins to wait for something at the end of the invocation: Lambda freezes a process that has answered, and what it was
 * about to send then waits for the next event.
 *
 * @param onFailed - told of its failure, and when it takes too long
 */
export function addFinalWork(work: Promise<unknown>, onFailed: (error: unknown) => void): void {
  const ended: Promise<void> = work.then(
    () => {
      underWay.delete(ended);
    },
    (error) => {
      // Nobody is told twice: of work that took too long, they were told already.
      if (underWay.delete(ended)) onFailed(error);
    },
  );
  underWay.set(ended, onFailed);
}

/** @param ending - called once at the end of the invocation, however often it is given. Must not reject */
export function addEnding(ending: () => Promise<unknown>): void {
  endings.add(ending);
}

/**
 * Waits for what must have ended before the process is frozen, and for what that begins meanwhile.
 *
 * @param remainingMs - how long the invocation may still take: half of it is waited at most, and never over 2 seconds
 * @returns null when there is nothing to wait for; otherwise a promise that never rejects
 */
export function finalWork(remainingMs: () => number): Promise<void> | null {
  if (underWay.size === 0 && endings.size === 0) return null;
  return waitForWork(Math.min(MAX_WAIT_MS, remainingMs() / 2));
}

async function waitForWork(limitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeIsUp = new Promise<"late">((resolve) => {
    timer = setTimeout(resolve, limitMs, "late");
  });
  if ((await Promise.race([endAll(), timeIsUp])) === "late")
    for (const onFailed of takeUnderWay()) onFailed(workTooSlow(limitMs));
  clearTimeout(timer);
}

async function endAll(): Promise<void> {
  while (underWay.size > 0) await Promise.all(underWay.keys());
  const taken = [...endings];
  endings.clear();
  await Promise.all(taken.map((ending) => ending()));
}

function takeUnderWay(): Set<(error: unknown) => void> {
  const told = new Set(underWay.values());
  underWay.clear();
  return told;
}
