import { SQS_MAX_MESSAGE_BYTES } from "@queue-run/runtime/limits";
import type { QueueAttributes } from "./broker.js";

/** A new queue's attributes. API Reference, CreateQueue. */
export const DEFAULT_ATTRIBUTES: Readonly<QueueAttributes> = Object.freeze({
  fifoQueue: false,
  delaySeconds: 0,
  maximumMessageSizeBytes: SQS_MAX_MESSAGE_BYTES,
  messageRetentionPeriodSeconds: 345_600,
  receiveMessageWaitTimeSeconds: 0,
  visibilityTimeoutSeconds: 30,
  contentBasedDeduplication: false,
  deduplicationScope: "queue",
  fifoThroughputLimit: "perQueue",
  redrivePolicy: null,
  passive: {},
});

const AWS_NAMES: Record<Exclude<keyof QueueAttributes, "passive">, string> = {
  fifoQueue: "FifoQueue",
  delaySeconds: "DelaySeconds",
  maximumMessageSizeBytes: "MaximumMessageSize",
  messageRetentionPeriodSeconds: "MessageRetentionPeriod",
  receiveMessageWaitTimeSeconds: "ReceiveMessageWaitTimeSeconds",
  visibilityTimeoutSeconds: "VisibilityTimeout",
  contentBasedDeduplication: "ContentBasedDeduplication",
  deduplicationScope: "DeduplicationScope",
  fifoThroughputLimit: "FifoThroughputLimit",
  redrivePolicy: "RedrivePolicy",
};

/** AWS's name of the first attribute that is given and not as the queue has it; null when there is none. */
export function differingAttribute(
  given: Partial<QueueAttributes>,
  existing: QueueAttributes,
): string | null {
  const names = Object.keys(AWS_NAMES) as (keyof typeof AWS_NAMES)[];
  const different = names.find(
    (name) => given[name] !== undefined && JSON.stringify(given[name]) !== JSON.stringify(existing[name]),
  );
  if (different) return AWS_NAMES[different];
  const passive = Object.entries(given.passive ?? {}).find(
    ([name, value]) => existing.passive[name] !== value,
  );
  return passive?.[0] ?? null;
}
