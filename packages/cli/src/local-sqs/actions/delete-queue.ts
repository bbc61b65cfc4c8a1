import type { Input } from "../protocol/input.js";
import { type ActionContext, NOTHING } from "./action.js";
import { queueOf } from "./queue-of.js";

/** API Reference, DeleteQueue. */
export async function deleteQueue(input: Input, { broker }: ActionContext) {
  await broker.deleteQueue(queueOf(input));
  return NOTHING;
}
