import { type Input, requiredText } from "../protocol/input.js";
import { withoutPermission } from "../queue-policy.js";
import { type ActionContext, NOTHING } from "./action.js";
import { queueOf } from "./queue-of.js";

/** API Reference, RemovePermission. */
export async function removePermission(input: Input, { broker }: ActionContext) {
  const name = queueOf(input);
  const { passive } = broker.queue(name).attributes;
  const policy = withoutPermission(passive.Policy, requiredText(input, "Label"));
  await broker.setQueueAttributes(name, { passive: { Policy: policy } });
  return NOTHING;
}
