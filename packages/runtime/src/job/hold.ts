import type { JobClock } from "./clock.js";
import type { JobQueue, Receipt } from "./job-queue.js";

/** An invocation that lasts longer than this shortens its hold on its jobs. */
const SHORT_INVOCATION_MS = 1_000;

/** How long after the invocation's end its unfinished jobs come back. */
const HOLD_AFTER_DEADLINE_SECONDS = 30;

/** See `keepHold`. */
export type Hold<R extends Receipt> = {
  /** The job is done: deleted at once in a long invocation; in a short one the event source mapping deletes it. */
  release(record: R): void;
  /** The job is over and must not come back, however this invocation ends. */
  deleteNow(record: R): void;
  /** The job is somebody else's by now: nothing more is asked of SQS for its message. */
  forget(record: R): void;
  /** These go back: sets the visibility of each. Resolves when that is done. */
  letGo(jobs: { record: R; delaySeconds: number }[]): Promise<void>;
  /** No more is to come. Returns a promise where something that was asked for is not done yet. */
  end(): Promise<unknown> | null;
};

/**
 * An invocation's hold on its messages. A queue's visibility timeout is long (six times the function's), so that a
 * process that dies would keep its jobs away for as long. After a second, therefore, the jobs that are not finished are
 * held only for what remains of the invocation and half a minute, and those that are finished are deleted, at once from
 * then on: a process that dies brings back soon, and only, what was unfinished. Shorter invocations make no such calls.
 *
 * What SQS refuses is told to `onError` and otherwise changes nothing: the message comes back by its visibility timeout.
 */
export function keepHold<R extends Receipt>(options: {
  records: R[];
  queue: JobQueue<R>;
  clock: JobClock;
  startedAtMs: number;
  /** Infinity: no end is known, and nothing is shortened. */
  deadlineMs: number;
  /** The host keeps messages invisible while their jobs run: nothing is shortened, and what is finished still deleted. */
  keptByHost?: boolean;
  onError: (error: unknown) => void;
}): Hold<R> {
  const { records, queue, clock, startedAtMs, deadlineMs, keptByHost = false, onError } = options;
  const finished: R[] = [];
  /** Deleted, or given back: nothing more is to be asked of SQS for them. */
  const settled = new Set<R>();
  const underWay = new Set<Promise<void>>();
  let shortened: Promise<void> | null = null;

  const cancel =
    deadlineMs === Number.POSITIVE_INFINITY ? () => {} : clock.at(startedAtMs + SHORT_INVOCATION_MS, shorten);

  function follow(call: Promise<void>): Promise<void> {
    const answered: Promise<void> = call.catch(onError).then(() => {
      underWay.delete(answered);
    });
    underWay.add(answered);
    return answered;
  }

  function shorten(): void {
    const remainingSeconds = Math.ceil((deadlineMs - clock.now()) / 1000);
    const visibilityTimeoutSeconds = Math.max(0, remainingSeconds) + HOLD_AFTER_DEADLINE_SECONDS;
    const isOver = new Set([...settled, ...finished]);
    const changes = (keptByHost ? [] : records)
      .filter((record) => !isOver.has(record))
      .map(({ messageId, receiptHandle }) => ({ messageId, receiptHandle, visibilityTimeoutSeconds }));
    shortened = changes.length > 0 ? follow(queue.changeVisibility(changes)) : Promise.resolve();
    const done = finished.splice(0).filter((record) => !settled.has(record));
    for (const record of done) settled.add(record);
    if (done.length > 0) follow(queue.deleteMessages(done));
  }

  function deleteNow(record: R): void {
    if (settled.has(record)) return;
    settled.add(record);
    follow(queue.deleteMessages([record]));
  }

  return {
    deleteNow,
    forget: (record) => void settled.add(record),
    release(record) {
      if (shortened) deleteNow(record);
      else finished.push(record);
    },
    async letGo(jobs) {
      if (jobs.length === 0) return;
      for (const { record } of jobs) settled.add(record);
      // Two changes of one message's visibility must arrive in order.
      if (shortened) await shortened;
      const changes = jobs.map(({ record, delaySeconds }) => ({
        messageId: record.messageId,
        receiptHandle: record.receiptHandle,
        visibilityTimeoutSeconds: delaySeconds,
      }));
      await follow(queue.changeVisibility(changes));
    },
    end() {
      cancel();
      return underWay.size > 0 ? Promise.all(underWay) : null;
    },
  };
}
