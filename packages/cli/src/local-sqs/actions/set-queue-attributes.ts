import { type Input, textMap } from "../protocol/input.js";
import { parseQueueAttributes } from "../queue-attributes.js";
import { type ActionContext, NOTHING } from "./action.js";
import { queueOf } from "./queue-of.js";

/** API Reference, SetQueueAttributes. */
export async function setQueueAttributes(input: Input, { broker, owner }: ActionContext) {
  const name = queueOf(input);
  const current = broker.queue(name).attributes;
  const given = textMap(input, "Attributes") ?? {};
  const target = { broker, owner, name, fifo: current.fifoQueue, current };
  await broker.setQueueAttributes(name, parseQueueAttributes(given, target));
  return NOTHING;
}
