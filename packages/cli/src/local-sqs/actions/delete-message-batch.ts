import { type Input, requiredText } from "../protocol/input.js";
import type { ActionContext } from "./action.js";
import { answerBatch, batchEntries } from "./batch.js";
import { queueOf } from "./queue-of.js";

/** API Reference, DeleteMessageBatch. */
export async function deleteMessageBatch(input: Input, { broker }: ActionContext) {
  const name = queueOf(input);
  broker.queue(name);
  return await answerBatch(batchEntries(input, "DeleteMessageBatchRequestEntry"), async (entry) => {
    await broker.deleteMessage(name, requiredText(entry.input, "ReceiptHandle"));
    return { Id: entry.id };
  });
}
