import { type Input, textList } from "../protocol/input.js";
import { toWireQueueAttributes } from "../queue-attribute-view.js";
import { type ActionContext, NOTHING } from "./action.js";
import { queueOf } from "./queue-of.js";

/** API Reference, GetQueueAttributes. */
export function getQueueAttributes(input: Input, { broker, owner }: ActionContext) {
  const queue = broker.queue(queueOf(input));
  const attributes = toWireQueueAttributes(queue, owner, textList(input, "AttributeNames") ?? []);
  return Object.keys(attributes).length === 0 ? NOTHING : { Attributes: attributes };
}
