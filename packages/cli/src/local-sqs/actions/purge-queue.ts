import type { Input } from "../protocol/input.js";
import { type ActionContext, NOTHING } from "./action.js";
import { queueOf } from "./queue-of.js";

/** API Reference, PurgeQueue. */
export async function purgeQueue(input: Input, { broker }: ActionContext) {
  await broker.purgeQueue(queueOf(input));
  return NOTHING;
}
