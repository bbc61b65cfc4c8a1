import { type Input, requiredText } from "../protocol/input.js";
import { type ActionContext, NOTHING } from "./action.js";
import { queueOf } from "./queue-of.js";

/** API Reference, DeleteMessage. */
export async function deleteMessage(input: Input, { broker }: ActionContext) {
  await broker.deleteMessage(queueOf(input), requiredText(input, "ReceiptHandle"));
  return NOTHING;
}
