import type { Input } from "../protocol/input.js";
import { toQueueUrl } from "../queue-names.js";
import type { ActionContext } from "./action.js";
import { pageOf } from "./page.js";
import { queueOf } from "./queue-of.js";

/** API Reference, ListDeadLetterSourceQueues: the list is there even when it is empty. */
export function listDeadLetterSourceQueues(input: Input, { broker, owner, origin }: ActionContext) {
  const name = queueOf(input);
  broker.queue(name);
  const { names, nextToken } = pageOf(broker.deadLetterSourceQueues(name).toSorted(), input);
  return { queueUrls: names.map((source) => toQueueUrl(origin, owner, source)), NextToken: nextToken };
}
