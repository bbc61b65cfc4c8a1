import { type Input, requiredText, textList } from "../protocol/input.js";
import { withPermission } from "../queue-policy.js";
import { missingParameter } from "../sqs-errors.js";
import { type ActionContext, NOTHING } from "./action.js";
import { queueOf } from "./queue-of.js";

/** API Reference, AddPermission. */
export async function addPermission(input: Input, { broker, owner }: ActionContext) {
  const name = queueOf(input);
  const { passive } = broker.queue(name).attributes;
  const permission = {
    label: requiredText(input, "Label"),
    accountIds: requiredList(input, "AWSAccountIds"),
    actions: requiredList(input, "Actions"),
  };
  const policy = withPermission(passive.Policy, permission, { owner, name });
  await broker.setQueueAttributes(name, { passive: { Policy: policy } });
  return NOTHING;
}

function requiredList(input: Input, name: string): string[] {
  const list = textList(input, name);
  if (list === undefined || list.length === 0) throw missingParameter(name);
  return list;
}
