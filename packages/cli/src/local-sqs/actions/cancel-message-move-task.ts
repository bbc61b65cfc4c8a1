import { type Input, requiredText } from "../protocol/input.js";
import type { ActionContext } from "./action.js";

/** API Reference, CancelMessageMoveTask: what was moved stays where it is. */
export async function cancelMessageMoveTask(input: Input, { broker }: ActionContext) {
  const { messagesMoved } = await broker.cancelMessageMoveTask(requiredText(input, "TaskHandle"));
  return { ApproximateNumberOfMessagesMoved: messagesMoved };
}
