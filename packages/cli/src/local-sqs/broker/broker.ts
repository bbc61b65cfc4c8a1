import type { SqsError } from "../sqs-error.js";

/**
 * The contract of the local broker: SQS's semantics as a state machine on an injected clock and a storage port,
 * knowing nothing of HTTP or of AWS's wire formats. Inputs are already validated for form (names, sizes, characters,
 * ranges) by the actions; the broker raises the errors that depend on its state, as `SqsError`.
 *
 * Every mutation changes memory at once and resolves when it is durable (written to the operating system): a caller
 * that has seen the promise resolve has been given an acknowledgement that survives the death of the process. Mutations
 * made in one turn of the event loop are written together.
 */
export interface Broker {
  createQueue(
    name: string,
    attributes: Partial<QueueAttributes>,
    tags: Record<string, string>,
  ): Promise<void>;
  deleteQueue(name: string): Promise<void>;
  /** In order of name. */
  queueNames(): string[];
  hasQueue(name: string): boolean;
  /** Throws QueueDoesNotExist, as every call below that names a queue. */
  queue(name: string): QueueView;
  /** `undefined` leaves as it is; null removes (policies). */
  setQueueAttributes(name: string, changes: AttributeChanges): Promise<void>;
  tagQueue(name: string, tags: Record<string, string>): Promise<void>;
  untagQueue(name: string, keys: string[]): Promise<void>;

  send(queue: string, message: OutgoingMessage): Promise<SentMessage>;
  /** The same for several, in order: an error is the answer of its own message, and stops no other. */
  sendBatch(queue: string, messages: readonly OutgoingMessage[]): Promise<(SentMessage | SqsError)[]>;
  /**
   * Long-polls when `waitTimeSeconds` is above 0; resolves at once when a message is there. An aborted `signal` ends
   * the wait with no messages, and holds none.
   */
  receive(queue: string, request: ReceiveRequest, signal?: AbortSignal): Promise<Delivery>;
  deleteMessage(queue: string, receiptHandle: string): Promise<void>;
  /**
   * The receiver in this process has given back messages that it received as `held`, without deleting them: their
   * visibility timeouts (a backoff, say) now go on through a restart. Handles that are no longer good are ignored.
   */
  release(queue: string, receiptHandles: readonly string[]): Promise<void>;
  changeMessageVisibility(
    queue: string,
    receiptHandle: string,
    visibilityTimeoutSeconds: number,
  ): Promise<void>;
  purgeQueue(queue: string): Promise<void>;

  /** Names of the queues whose redrive policy points at this one. */
  deadLetterSourceQueues(queue: string): string[];
  startMessageMoveTask(
    source: string,
    options: { destination?: string; maxMessagesPerSecond?: number },
  ): Promise<{ taskHandle: string }>;
  messageMoveTasks(source: string): MessageMoveTask[];
  cancelMessageMoveTask(taskHandle: string): Promise<{ messagesMoved: number }>;

  /** Lets what is due happen now (dead-lettering, expiry, wake-ups): called by timers, and by tests after advancing. */
  tick(): void;
  /** Resolves when all that was accepted so far is durable. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

/** A queue's settings, in AWS's units. */
export type QueueAttributes = {
  fifoQueue: boolean;
  delaySeconds: number;
  maximumMessageSizeBytes: number;
  messageRetentionPeriodSeconds: number;
  receiveMessageWaitTimeSeconds: number;
  visibilityTimeoutSeconds: number;
  contentBasedDeduplication: boolean;
  deduplicationScope: "queue" | "messageGroup";
  fifoThroughputLimit: "perQueue" | "perMessageGroupId";
  redrivePolicy: { deadLetterTargetArn: string; maxReceiveCount: number } | null;
  /** Attributes that are kept and given back but change nothing here (Policy, Kms…, RedriveAllowPolicy): AWS's names. */
  passive: Record<string, string>;
};

export type AttributeChanges = Partial<Omit<QueueAttributes, "passive">> & {
  passive?: Record<string, string | null>;
};

/** A snapshot: counts are right at the moment of asking. */
export type QueueView = {
  name: string;
  attributes: QueueAttributes;
  tags: Record<string, string>;
  createdAtMs: number;
  lastModifiedAtMs: number;
  visibleCount: number;
  inFlightCount: number;
  delayedCount: number;
  /** When the oldest message that is not deleted was sent; null for an empty queue. */
  oldestSentAtMs: number | null;
};

/** A message attribute as it is stored: AWS's data type with its suffix. */
export type MessageAttribute = { dataType: string; stringValue?: string; binaryValue?: Uint8Array };

export type OutgoingMessage = {
  body: string;
  attributes?: Record<string, MessageAttribute>;
  /** AWSTraceHeader. */
  traceHeader?: string;
  /** Standard queues only; undefined: the queue's own. */
  delaySeconds?: number;
  messageGroupId?: string;
  messageDeduplicationId?: string;
};

/** For a duplicate within the window: the first message's ids. */
export type SentMessage = { messageId: string; sequenceNumber: string | null };

export type ReceiveRequest = {
  /** 1 to 10. */
  maxMessages: number;
  /** Undefined: the queue's own. */
  waitTimeSeconds?: number;
  visibilityTimeoutSeconds?: number;
  receiveRequestAttemptId?: string;
  /**
   * The receiver lives in the broker's own process and dies with it: at the next start, what it was working on is
   * visible at once. Other receivers may still be at work then: their visibility timeouts go on.
   */
  held?: boolean;
};

export type Delivery = {
  messages: ReceivedMessage[];
  /** The answer could not be written: everything goes back as if never received (count, order, group lock). */
  undo(): void;
};

export type ReceivedMessage = {
  messageId: string;
  receiptHandle: string;
  body: string;
  attributes: Record<string, MessageAttribute>;
  traceHeader: string | null;
  sentAtMs: number;
  firstReceivedAtMs: number;
  receiveCount: number;
  messageGroupId: string | null;
  messageDeduplicationId: string | null;
  sequenceNumber: string | null;
  /** Set on a message that came through a redrive policy. */
  deadLetterSourceArn: string | null;
};

export type MessageMoveTask = {
  taskHandle: string;
  sourceName: string;
  destinationName: string | null;
  status: "RUNNING" | "COMPLETED" | "CANCELLING" | "CANCELLED" | "FAILED";
  maxMessagesPerSecond: number | null;
  messagesMoved: number;
  messagesToMove: number;
  failureReason: string | null;
  startedAtMs: number;
};
