import type { JobQueue, Receipt } from "./job-queue.js";

/**
 * A host that keeps an invocation's messages invisible for as long as it runs, a short while at a time, so that a process
 * that dies gives them back soon (`queue-run start`). Lambda is none: there the runtime sets one visibility timeout.
 */
export type MessageKeeper = {
  /** Stops keeping these messages. Resolves when nothing that was asked of SQS for them is under way any more. */
  letGo(messageIds: string[]): Promise<void>;
};

/**
 * The same queue, for a host with a keeper: a message whose visibility the runtime sets (to a backoff, or to "now") is
 * let go first, so that no heartbeat undoes it.
 */
export function withKeeper<R extends Receipt>(
  queue: JobQueue<R>,
  keeper: MessageKeeper | undefined,
): JobQueue<R> {
  if (!keeper) return queue;
  return {
    async changeVisibility(changes) {
      await keeper.letGo(changes.map(({ messageId }) => messageId));
      await queue.changeVisibility(changes);
    },
    deleteMessages: (receipts) => queue.deleteMessages(receipts),
    sendDeadLetter: (record, failure) => queue.sendDeadLetter(record, failure),
  };
}
