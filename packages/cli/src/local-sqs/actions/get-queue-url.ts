import { type Input, requiredText, text } from "../protocol/input.js";
import { toQueueUrl } from "../queue-names.js";
import { queueDoesNotExist } from "../sqs-errors.js";
import type { ActionContext } from "./action.js";

/** API Reference, GetQueueUrl. Another account has no queues here. */
export function getQueueUrl(input: Input, { broker, owner, origin }: ActionContext) {
  const name = requiredText(input, "QueueName");
  const accountId = text(input, "QueueOwnerAWSAccountId") ?? owner.accountId;
  if (accountId !== owner.accountId || !broker.hasQueue(name)) throw queueDoesNotExist();
  return { QueueUrl: toQueueUrl(origin, owner, name) };
}
