import type { QueueView } from "./broker/broker.js";
import { type Owner, toQueueArn } from "./queue-names.js";
import { toRedrivePolicyJson } from "./redrive-policy.js";
import { unknownAttribute } from "./sqs-errors.js";

type Reader = (queue: QueueView, owner: Owner) => string | undefined;

/** GetQueueAttributes' names, each with how it is read; undefined where the queue does not have it. */
const READERS: Record<string, Reader> = {
  ApproximateNumberOfMessages: (queue) => String(queue.visibleCount),
  ApproximateNumberOfMessagesDelayed: (queue) => String(queue.delayedCount),
  ApproximateNumberOfMessagesNotVisible: (queue) => String(queue.inFlightCount),
  ContentBasedDeduplication: fifoOnly(({ attributes }) => String(attributes.contentBasedDeduplication)),
  CreatedTimestamp: (queue) => toSeconds(queue.createdAtMs),
  DeduplicationScope: fifoOnly(({ attributes }) => attributes.deduplicationScope),
  DelaySeconds: ({ attributes }) => String(attributes.delaySeconds),
  FifoQueue: fifoOnly(() => "true"),
  FifoThroughputLimit: fifoOnly(({ attributes }) => attributes.fifoThroughputLimit),
  KmsDataKeyReusePeriodSeconds: ({ attributes }) => attributes.passive.KmsDataKeyReusePeriodSeconds,
  KmsMasterKeyId: ({ attributes }) => attributes.passive.KmsMasterKeyId,
  LastModifiedTimestamp: (queue) => toSeconds(queue.lastModifiedAtMs),
  MaximumMessageSize: ({ attributes }) => String(attributes.maximumMessageSizeBytes),
  MessageRetentionPeriod: ({ attributes }) => String(attributes.messageRetentionPeriodSeconds),
  Policy: ({ attributes }) => attributes.passive.Policy,
  QueueArn: (queue, owner) => toQueueArn(owner, queue.name),
  ReceiveMessageWaitTimeSeconds: ({ attributes }) => String(attributes.receiveMessageWaitTimeSeconds),
  RedriveAllowPolicy: ({ attributes }) => attributes.passive.RedriveAllowPolicy,
  RedrivePolicy: ({ attributes: { redrivePolicy } }) =>
    redrivePolicy === null ? undefined : toRedrivePolicyJson(redrivePolicy),
  SqsManagedSseEnabled: ({ attributes }) => attributes.passive.SqsManagedSseEnabled ?? "true",
  VisibilityTimeout: ({ attributes }) => String(attributes.visibilityTimeoutSeconds),
};

/**
 * A queue's attributes as GetQueueAttributes answers them: those named, or with `All` every one it has.
 * Throws InvalidAttributeName for a name that SQS does not have.
 */
export function toWireQueueAttributes(
  queue: QueueView,
  owner: Owner,
  names: string[],
): Record<string, string> {
  const unknown = names.find((name) => name !== "All" && !Object.hasOwn(READERS, name));
  if (unknown !== undefined) throw unknownAttribute(unknown);
  const wire: Record<string, string> = {};
  for (const name of names.includes("All") ? Object.keys(READERS) : names) {
    const value = READERS[name]?.(queue, owner);
    if (value !== undefined) wire[name] = value;
  }
  return wire;
}

function fifoOnly(read: (queue: QueueView) => string): Reader {
  return (queue) => (queue.attributes.fifoQueue ? read(queue) : undefined);
}

function toSeconds(ms: number): string {
  return String(Math.floor(ms / 1000));
}
