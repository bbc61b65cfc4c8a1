import type { Input } from "../protocol/input.js";
import { type ActionContext, NOTHING } from "./action.js";
import { queueOf } from "./queue-of.js";

/** API Reference, ListQueueTags. */
export function listQueueTags(input: Input, { broker }: ActionContext) {
  const { tags } = broker.queue(queueOf(input));
  return Object.keys(tags).length === 0 ? NOTHING : { Tags: tags };
}
