import type { BrokerContext } from "./context.js";
import { appendMessage, readContent, removeMessage } from "./messages.js";
import type { QueueState } from "./queue-state.js";

/**
 * Moves a message that is about to be received more often than its queue's redrive policy allows. Message id,
 * attributes and receive count are kept; a standard queue keeps the time of sending, a FIFO queue's is now and its
 * deduplication id is the message id. Developer Guide, "Dead-letter queues".
 *
 * @returns false for a message that stays: not too often, no policy, or its dead-letter queue is gone
 */
export function moveToDeadLetterQueue(context: BrokerContext, queue: QueueState, seq: number): boolean {
  const policy = queue.attributes.redrivePolicy;
  const receipt = queue.receipts.get(seq);
  if (!policy || !receipt || receipt.receiveCount < policy.maxReceiveCount) return false;
  const target = context.queueOfArn(policy.deadLetterTargetArn);
  if (!target || target === queue || target.fifo !== queue.fifo) return false;
  const content = readContent(context, queue, seq);
  const sentAtMs = queue.table.sentAtMs(seq);
  const { receiveCount, firstReceivedAtMs } = receipt;
  removeMessage(context, queue, seq);
  appendMessage(context, target, {
    content: {
      ...content,
      messageDeduplicationId: queue.fifo ? content.messageId : content.messageDeduplicationId,
      deadLetterSourceArn: context.arnOf(queue),
    },
    sentAtMs: queue.fifo ? context.time.wall() : sentAtMs,
    delayMs: 0,
    receiveCount,
    firstReceivedAtMs,
  });
  return true;
}

/** Names of the queues whose redrive policy points at this one. */
export function deadLetterSourceQueues(context: BrokerContext, target: QueueState): string[] {
  const arn = context.arnOf(target);
  const sources = [...context.queues.values()].filter(
    (queue) => queue.attributes.redrivePolicy?.deadLetterTargetArn === arn,
  );
  return sources.map((queue) => queue.record.name).sort();
}
