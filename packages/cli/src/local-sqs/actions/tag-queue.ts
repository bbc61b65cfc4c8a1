import { type Input, textMap } from "../protocol/input.js";
import { missingParameter } from "../sqs-errors.js";
import { type ActionContext, NOTHING } from "./action.js";
import { assertTags } from "./create-queue.js";
import { queueOf } from "./queue-of.js";

/** API Reference, TagQueue: a tag that the queue has already gets the new value. */
export async function tagQueue(input: Input, { broker }: ActionContext) {
  const name = queueOf(input);
  const tags = textMap(input, "Tags");
  if (tags === undefined) throw missingParameter("Tags");
  assertTags({ ...broker.queue(name).tags, ...tags });
  await broker.tagQueue(name, tags);
  return NOTHING;
}
