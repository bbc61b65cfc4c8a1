import { type Input, text } from "../protocol/input.js";
import { toQueueUrl } from "../queue-names.js";
import type { ActionContext } from "./action.js";
import { pageOf } from "./page.js";

/** API Reference, ListQueues. */
export function listQueues(input: Input, { broker, owner, origin }: ActionContext) {
  const prefix = text(input, "QueueNamePrefix") ?? "";
  const { names, nextToken } = pageOf(
    broker.queueNames().filter((name) => name.startsWith(prefix)),
    input,
  );
  const urls = names.map((name) => toQueueUrl(origin, owner, name));
  return { QueueUrls: urls.length === 0 ? undefined : urls, NextToken: nextToken };
}
