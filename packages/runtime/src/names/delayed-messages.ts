/** How many hexadecimal digits of its SHA-256 stand for a queue in the names of its delayed messages. */
const QUEUE_HASH_LENGTH = 16;

/**
 * What the schedule of a message that waits for its time is called in the stage's group: at most 64 characters
 * (EventBridge Scheduler API Reference, CreateSchedule).
 *
 * @param physicalQueueName - SQS's name of the queue that it is for
 * @param jobId - a UUID
 */
export function delayedMessageName(physicalQueueName: string, jobId: string): string {
  return `${delayedMessagePrefix(physicalQueueName)}${jobId}`;
}

/**
 * What the names of a queue's delayed messages begin with, and of no other's, so that they can be listed without
 * going through those of all queues.
 *
 * @param physicalQueueName - SQS's name of the queue
 */
export function delayedMessagePrefix(physicalQueueName: string): string {
  const hash = process.getBuiltinModule("node:crypto").createHash("sha256");
  return `${hash.update(physicalQueueName).digest("hex").slice(0, QUEUE_HASH_LENGTH)}-`;
}
