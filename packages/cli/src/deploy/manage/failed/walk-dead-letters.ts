import { interruptedError } from "../../../errors/failed-errors.js";
import { watchInterrupts } from "../../interrupts.js";
import type { DeadLetter } from "./dead-letter.js";
import { type DeadLetterQueue, receive, release } from "./dead-letter-queue.js";

/** What a visit did to the letters that it got. */
export type Visit = {
  /** Those that it took out of the queue. */
  removed: readonly DeadLetter[];
  /** Whether the walk may end here. */
  done: boolean;
};

/**
 * Goes through a dead-letter queue, a receive at a time, until it gives no more. A FIFO queue gives a group's next
 * letters only when the ones before have been removed: so a visit that removes sees all, one that only looks sees the
 * first ten of each group at most.
 *
 * @param visit - gets what is new. What it does not remove is given back when the walk ends, however it ends
 * @throws QR_INTERRUPTED after Ctrl-C, once that is done
 */
export async function walkDeadLetters(
  queue: DeadLetterQueue,
  visit: (letters: DeadLetter[]) => Promise<Visit> | Visit,
): Promise<void> {
  // By message id: what has come back to us after its hold has a newer receipt handle.
  const held = new Map<string, DeadLetter>();
  const seen = new Set<string>();
  const interrupts = watchInterrupts(() => {}, interruptedError());
  try {
    for (;;) {
      interrupts.signal.throwIfAborted();
      const received = await receive(queue);
      const fresh = received.filter(({ messageId }) => !seen.has(messageId));
      for (const letter of received) held.set(letter.messageId, letter);
      if (fresh.length === 0) return;
      for (const { messageId } of fresh) seen.add(messageId);
      const { removed, done } = await visit(fresh);
      for (const { messageId } of removed) held.delete(messageId);
      if (done) return;
    }
  } finally {
    try {
      await release(queue, [...held.values()]);
    } finally {
      interrupts.stopWatching();
    }
  }
}
