import { type Input, requiredText } from "../protocol/input.js";
import type { ActionContext } from "./action.js";
import { answerBatch, batchEntries } from "./batch.js";
import { visibilityTimeoutOf } from "./change-message-visibility.js";
import { queueOf } from "./queue-of.js";

/** API Reference, ChangeMessageVisibilityBatch. An entry without a VisibilityTimeout makes its message visible. */
export async function changeMessageVisibilityBatch(input: Input, { broker }: ActionContext) {
  const name = queueOf(input);
  broker.queue(name);
  return await answerBatch(batchEntries(input, "ChangeMessageVisibilityBatchRequestEntry"), async (entry) => {
    const receiptHandle = requiredText(entry.input, "ReceiptHandle");
    await broker.changeMessageVisibility(name, receiptHandle, visibilityTimeoutOf(entry.input) ?? 0);
    return { Id: entry.id };
  });
}
