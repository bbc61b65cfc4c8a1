/** How long a message stays invisible from now on; 0: it is visible at once. */
export type VisibilityChange = { messageId: string; receiptHandle: string; visibilityTimeoutSeconds: number };

/** Enough of a received message to delete it. */
export type Receipt = { messageId: string; receiptHandle: string };

/**
 * What running jobs asks of the queue that they came from: a port, so that the batch policy runs without a network in
 * tests and in the simulation. Every call resolves when SQS has answered; it rejects when SQS refused, or could not be
 * reached in the time that is left.
 */
export interface JobQueue<R> {
  changeVisibility(changes: VisibilityChange[]): Promise<void>;
  deleteMessages(receipts: Receipt[]): Promise<void>;
  /** Puts a copy of the job into the dead-letter queue, with its error. Leaves the job itself where it is. */
  sendDeadLetter(record: R, failure: { error: unknown; attempts: number }): Promise<void>;
}
