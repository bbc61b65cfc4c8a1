import type { AttributeChanges, QueueAttributes } from "../broker/broker.js";
import { MAX_TAGS } from "../limits.js";
import { type Input, requiredText, textMap } from "../protocol/input.js";
import { toWireQueueAttributes } from "../queue-attribute-view.js";
import { parseQueueAttributes } from "../queue-attributes.js";
import { assertQueueName, isFifoName, type Owner, toQueueUrl } from "../queue-names.js";
import { invalidParameterValue, queueNameExists } from "../sqs-errors.js";
import type { ActionContext } from "./action.js";

/**
 * API Reference, CreateQueue. Asking again for a queue that exists is fine as long as no attribute that is asked for
 * differs from the queue's.
 */
export async function createQueue(input: Input, context: ActionContext) {
  const name = requiredText(input, "QueueName");
  const given = textMap(input, "Attributes") ?? {};
  const tags = textMap(input, "tags") ?? textMap(input, "Tags") ?? {};
  assertTags(tags);
  const fifo = given.FifoQueue?.toLowerCase() === "true";
  assertQueueName(name, fifo || (given.FifoQueue !== undefined && isFifoName(name)));
  const { broker, owner } = context;
  const changes = parseQueueAttributes(given, { broker, owner, name, fifo: isFifoName(name) });
  if (broker.hasQueue(name)) assertSameAttributes(name, given, changes, context);
  else await broker.createQueue(name, toNewAttributes(changes), tags);
  return { QueueUrl: toQueueUrl(context.origin, owner, name) };
}

/** Throws InvalidParameterValue for more tags than a queue can have. */
export function assertTags(tags: Record<string, string>): void {
  if (Object.keys(tags).length > MAX_TAGS) {
    throw invalidParameterValue(`Too many tags added for queue. A queue can have at most ${MAX_TAGS}.`);
  }
}

function assertSameAttributes(
  name: string,
  given: Record<string, string>,
  changes: AttributeChanges,
  { broker, owner }: { broker: ActionContext["broker"]; owner: Owner },
): void {
  const queue = broker.queue(name);
  const present = toWireQueueAttributes(queue, owner, ["All"]);
  const attributes = { ...queue.attributes, ...toNewAttributes(changes) };
  const passive = { ...queue.attributes.passive, ...toNewAttributes(changes).passive };
  const asked = toWireQueueAttributes({ ...queue, attributes: { ...attributes, passive } }, owner, ["All"]);
  const different = Object.keys(given).find((attribute) => asked[attribute] !== present[attribute]);
  if (different !== undefined) throw queueNameExists(different);
}

function toNewAttributes({ passive, ...active }: AttributeChanges): Partial<QueueAttributes> {
  if (passive === undefined) return active;
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(passive)) if (value !== null) kept[name] = value;
  return { ...active, passive: kept };
}
