import { type Input, textList } from "../protocol/input.js";
import { missingParameter } from "../sqs-errors.js";
import { type ActionContext, NOTHING } from "./action.js";
import { queueOf } from "./queue-of.js";

/** API Reference, UntagQueue: a tag that the queue does not have is no error. */
export async function untagQueue(input: Input, { broker }: ActionContext) {
  const name = queueOf(input);
  const keys = textList(input, "TagKeys");
  if (keys === undefined) throw missingParameter("TagKeys");
  await broker.untagQueue(name, keys);
  return NOTHING;
}
