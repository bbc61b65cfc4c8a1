import { sqsTooSlow } from "../errors/job-errors.js";
import type { JobClock } from "./clock.js";
import type { JobQueue } from "./job-queue.js";

/**
 * A queue whose calls reject when SQS has not answered by then: what is left undone costs its own job a redelivery, and
 * an invocation that never reported would cost one for every job.
 *
 * @param giveUpAtMs - milliseconds since 1970; Infinity: calls take as long as they take
 */
export function answeringInTime<R>(queue: JobQueue<R>, clock: JobClock, giveUpAtMs: number): JobQueue<R> {
  if (giveUpAtMs === Number.POSITIVE_INFINITY) return queue;
  const soon = (call: Promise<void>) => inTime(call, clock, giveUpAtMs, sqsTooSlow);
  return {
    changeVisibility: (changes) => soon(queue.changeVisibility(changes)),
    deleteMessages: (receipts) => soon(queue.deleteMessages(receipts)),
    sendDeadLetter: (record, failure) => soon(queue.sendDeadLetter(record, failure)),
  };
}

/** @returns what the call answers; rejects with `tooSlow` when it has not answered by then */
export function inTime<T>(
  call: Promise<T>,
  clock: JobClock,
  giveUpAtMs: number,
  tooSlow: () => Error,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.at(giveUpAtMs, () => reject(tooSlow()));
    call.then(resolve, reject);
    call.then(cancel, cancel);
  });
}
