import { visibilityTimeoutSeconds } from "@queue-run/runtime/config";
import { SQS_MAX_VISIBILITY_TIMEOUT_SECONDS } from "@queue-run/runtime/limits";
import type { AttributeChanges } from "../local-sqs/broker/broker.js";
import type { QueueDefinition } from "../project/manifest.js";

/**
 * SQS's own dead-lettering is a net far above the runtime's, since receives count throttling and returned jobs too.
 */
const NET_MAX_RECEIVE_COUNT = 100;

/** Longest retention. SQS API Reference, SetQueueAttributes. */
const DEAD_LETTER_RETENTION_SECONDS = 14 * 86_400;

const FIFO_ATTRIBUTES = {
  contentBasedDeduplication: false,
  deduplicationScope: "messageGroup",
  fifoThroughputLimit: "perMessageGroupId",
} as const;

/**
 * What a queue's SQS queue is set to.
 *
 * @param deadLetterArn - of its dead-letter queue
 */
export function queueAttributes(
  { settings, fifo }: QueueDefinition,
  deadLetterArn: string,
): AttributeChanges {
  return {
    visibilityTimeoutSeconds: Math.min(
      visibilityTimeoutSeconds(settings, fifo),
      SQS_MAX_VISIBILITY_TIMEOUT_SECONDS,
    ),
    messageRetentionPeriodSeconds: settings.retentionSeconds,
    redrivePolicy: { deadLetterTargetArn: deadLetterArn, maxReceiveCount: NET_MAX_RECEIVE_COUNT },
    ...(fifo && FIFO_ATTRIBUTES),
  };
}

/** What its dead-letter queue is set to. */
export function deadLetterAttributes({ fifo }: Pick<QueueDefinition, "fifo">): AttributeChanges {
  return { messageRetentionPeriodSeconds: DEAD_LETTER_RETENTION_SECONDS, ...(fifo && FIFO_ATTRIBUTES) };
}
