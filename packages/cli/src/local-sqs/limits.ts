/** AWS's numbers that only the server of SQS's API needs, each with its source; the others are in runtime/limits. */

/** Most messages of one receive. API Reference, ReceiveMessage. */
export const MAX_RECEIVED_MESSAGES = 10;
/** Longest long poll. API Reference, ReceiveMessage. */
export const MAX_WAIT_SECONDS = 20;
/** Bounds of MaximumMessageSize and MessageRetentionPeriod. API Reference, SetQueueAttributes. */
export const MIN_MAXIMUM_MESSAGE_BYTES = 1_024;
export const MIN_RETENTION_SECONDS = 60;
export const MAX_RETENTION_SECONDS = 1_209_600;
/** Bounds and default of KmsDataKeyReusePeriodSeconds. API Reference, SetQueueAttributes. */
export const MIN_KMS_REUSE_SECONDS = 60;
export const MAX_KMS_REUSE_SECONDS = 86_400;
export const DEFAULT_KMS_REUSE_SECONDS = 300;
/** Bounds of a redrive policy's maxReceiveCount. Recorded in AWS's own message. */
export const MAX_RECEIVE_COUNT = 1_000;
/** Source queues that a redrive allow policy may name. API Reference, SetQueueAttributes. */
export const MAX_REDRIVE_SOURCES = 10;
/** Longest name and type of a message attribute. Developer Guide, "Message metadata". */
export const MAX_ATTRIBUTE_NAME_LENGTH = 256;
/** Longest batch entry id. API Reference, SendMessageBatchRequestEntry. */
export const MAX_BATCH_ENTRY_ID_LENGTH = 80;
/** Longest ReceiveRequestAttemptId. API Reference, ReceiveMessage. */
export const MAX_ATTEMPT_ID_LENGTH = 128;
/** Queues on a page of a list. API Reference, ListQueues. */
export const MAX_LIST_RESULTS = 1_000;
/** Tasks that ListMessageMoveTasks gives at most, and the fastest rate. API Reference, StartMessageMoveTask. */
export const MAX_LISTED_MOVE_TASKS = 10;
export const MAX_MOVES_PER_SECOND = 500;
/** Tags of one queue. Developer Guide, "Queue quotas". */
export const MAX_TAGS = 50;

/**
 * Largest request body that is read: the largest message with every byte written as a six-byte JSON escape, and room
 * for the rest of the request. Ours, not AWS's.
 */
export const MAX_BODY_BYTES = 7 * 1_048_576;

/** Most messages in flight of one queue. Developer Guide, "Message quotas". */
export const MAX_IN_FLIGHT_MESSAGES = 120_000;
/** How long after a deletion a queue's name is taken, and how long after a purge the next is refused. API Reference. */
export const DELETED_QUEUE_SECONDS = 60;
export const PURGE_SECONDS = 60;
