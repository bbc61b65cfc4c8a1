import type { JobQueue, Receipt } from "../job-queue.js";

/** What was asked of the queue, in order. */
export type FakeJobQueue<R extends Receipt> = JobQueue<R> & {
  /** The last visibility timeout set for each message, in seconds. */
  visibility: Record<string, number>;
  deleted: string[];
  deadLetters: { record: R; error: unknown; attempts: number }[];
  /** Every call, as text: "visibility a=1 b=0", "delete a", "dead-letter a". */
  calls: string[];
  /** Set to make calls of a kind fail. */
  failing: { visibility?: Error; delete?: Error; deadLetter?: Error };
};

/** A queue that remembers what was asked of it. */
export function createFakeJobQueue<R extends Receipt>(): FakeJobQueue<R> {
  const fake: FakeJobQueue<R> = {
    visibility: {},
    deleted: [],
    deadLetters: [],
    calls: [],
    failing: {},
    async changeVisibility(changes) {
      const text = changes.map(
        ({ messageId, visibilityTimeoutSeconds: seconds }) => `${messageId}=${seconds}`,
      );
      fake.calls.push(`visibility ${text.join(" ")}`);
      if (fake.failing.visibility) throw fake.failing.visibility;
      for (const { messageId, visibilityTimeoutSeconds } of changes)
        fake.visibility[messageId] = visibilityTimeoutSeconds;
    },
    async deleteMessages(receipts) {
      fake.calls.push(`delete ${receipts.map(({ messageId }) => messageId).join(" ")}`);
      if (fake.failing.delete) throw fake.failing.delete;
      fake.deleted.push(...receipts.map(({ messageId }) => messageId));
    },
    async sendDeadLetter(record, { error, attempts }) {
      fake.calls.push(`dead-letter ${record.messageId}`);
      if (fake.failing.deadLetter) throw fake.failing.deadLetter;
      fake.deadLetters.push({ record, error, attempts });
    },
  };
  return fake;
}
