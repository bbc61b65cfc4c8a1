import type { AttributeChanges } from "../local-sqs/broker/broker.js";

/** A queue's attributes as SQS spells their names and values. API Reference, SetQueueAttributes. */
export function sqsAttributes(attributes: AttributeChanges): Record<string, string> {
  const { visibilityTimeoutSeconds, messageRetentionPeriodSeconds, redrivePolicy } = attributes;
  const { contentBasedDeduplication, deduplicationScope, fifoThroughputLimit } = attributes;
  const wire: Record<string, string> = {};
  if (visibilityTimeoutSeconds !== undefined) wire.VisibilityTimeout = String(visibilityTimeoutSeconds);
  if (messageRetentionPeriodSeconds !== undefined)
    wire.MessageRetentionPeriod = String(messageRetentionPeriodSeconds);
  if (redrivePolicy) wire.RedrivePolicy = JSON.stringify(redrivePolicy);
  if (contentBasedDeduplication !== undefined)
    wire.ContentBasedDeduplication = String(contentBasedDeduplication);
  if (deduplicationScope !== undefined) wire.DeduplicationScope = deduplicationScope;
  if (fifoThroughputLimit !== undefined) wire.FifoThroughputLimit = fifoThroughputLimit;
  return wire;
}
