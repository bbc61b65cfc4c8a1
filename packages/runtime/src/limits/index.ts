/** Every number that AWS sets, once, with its source. */

/** Largest message, and largest total of a batch: body and message attributes together. API Reference, SendMessage. */
export const SQS_MAX_MESSAGE_BYTES = 1_048_576;
/** Entries in SendMessageBatch, DeleteMessageBatch, ChangeMessageVisibilityBatch. API Reference, SendMessageBatch. */
export const SQS_MAX_BATCH_ENTRIES = 10;
/** Longest DelaySeconds. API Reference, SendMessage. */
export const SQS_MAX_DELAY_SECONDS = 900;
/** Longest visibility timeout, also in total since the receipt. Developer Guide, "Visibility timeout". */
export const SQS_MAX_VISIBILITY_TIMEOUT_SECONDS = 43_200;
/** Longest queue name, `.fifo` included. Developer Guide, "Queue quotas". */
export const SQS_MAX_QUEUE_NAME_LENGTH = 80;
/** Longest message group id and deduplication id. API Reference, SendMessage. */
export const SQS_MAX_GROUP_ID_LENGTH = 128;
/** Message attributes of one message. Developer Guide, "Message quotas". */
export const SQS_MAX_MESSAGE_ATTRIBUTES = 10;
/** The deduplication interval of FIFO queues. Developer Guide, "Exactly-once processing". */
export const SQS_DEDUPLICATION_WINDOW_SECONDS = 300;
/** Longest function timeout. Lambda Developer Guide, "Quotas". */
export const LAMBDA_MAX_TIMEOUT_SECONDS = 900;
/** Largest request and (buffered) response. Lambda Developer Guide, "Quotas". */
export const LAMBDA_MAX_PAYLOAD_BYTES = 6 * 1_048_576;
/** Largest batch of a standard queue's event source mapping; FIFO: 10. Lambda Developer Guide, "Using SQS". */
export const LAMBDA_MAX_SQS_BATCH_SIZE = 10_000;
export const LAMBDA_MAX_FIFO_BATCH_SIZE = 10;
/** Message retention. API Reference, SetQueueAttributes, MessageRetentionPeriod. */
export const SQS_MIN_RETENTION_SECONDS = 60;
export const SQS_MAX_RETENTION_SECONDS = 1_209_600;
/** Memory of a function, in MB. Lambda Developer Guide, "Quotas". */
export const LAMBDA_MIN_MEMORY_MEGABYTES = 128;
export const LAMBDA_MAX_MEMORY_MEGABYTES = 10_240;
/** Longest batching window; standard queues only. Lambda Developer Guide, "Using SQS". */
export const LAMBDA_MAX_SQS_BATCH_WINDOW_SECONDS = 300;
/** Above this batch size a batching window of at least a second is required. Lambda Developer Guide, "Using SQS". */
export const LAMBDA_MAX_SQS_BATCH_SIZE_WITHOUT_WINDOW = 10;
/** MaximumConcurrency of an event source mapping. Lambda API Reference, ScalingConfig. */
export const LAMBDA_MIN_MAXIMUM_CONCURRENCY = 2;
export const LAMBDA_MAX_MAXIMUM_CONCURRENCY = 1_000;
/** Attempts after the first that Lambda makes of an asynchronous invocation. Lambda API Reference, MaximumRetryAttempts. */
export const LAMBDA_MAX_ASYNC_RETRIES = 2;
/** Longest ScheduleExpression. EventBridge Scheduler API Reference, CreateSchedule. */
export const SCHEDULER_MAX_EXPRESSION_LENGTH = 256;
/** Largest Input of a target. EventBridge Scheduler User Guide, "Quotas". */
export const SCHEDULER_MAX_INPUT_BYTES = 262_144;
/** Largest message of a WebSocket, in either direction. API Gateway Developer Guide, "WebSocket API quotas"; so are the next. */
export const SOCKET_MAX_MESSAGE_BYTES = 128 * 1_024;
/** Largest frame that a client may send: a larger message has to come in several. */
export const SOCKET_MAX_FRAME_BYTES = 32 * 1_024;
/** How long API Gateway waits for the function of a WebSocket. */
export const SOCKET_MAX_TIMEOUT_SECONDS = 29;
/** How long a connection may last. */
export const SOCKET_MAX_CONNECTION_SECONDS = 7_200;
/** How long a connection may be idle. */
export const SOCKET_IDLE_SECONDS = 600;
/** New connections a second, over all WebSocket APIs of an account and region, unless AWS raises it. */
export const SOCKET_MAX_NEW_CONNECTIONS_PER_SECOND = 500;
/** Items of BatchWriteItem, and keys of BatchGetItem. DynamoDB API Reference. */
export const DYNAMODB_MAX_BATCH_WRITE_ITEMS = 25;
export const DYNAMODB_MAX_BATCH_GET_KEYS = 100;
/** Values of one metric in one line. CloudWatch User Guide, "Specification: Embedded metric format". */
export const EMF_MAX_VALUES = 100;
