import { type Input, requiredText } from "../protocol/input.js";
import { moveTaskDoesNotExist } from "../sqs-errors.js";
import type { ActionContext } from "./action.js";
import { fromTaskHandle } from "./move-task-handle.js";
import { queueOfArn } from "./queue-of-arn.js";

/** API Reference, CancelMessageMoveTask: what was moved stays where it is. */
export async function cancelMessageMoveTask(input: Input, context: ActionContext) {
  const { broker } = context;
  const { taskId, sourceArn } = fromTaskHandle(requiredText(input, "TaskHandle"));
  const source = queueOfArn(sourceArn, "SourceArn", context);
  const known = broker.messageMoveTasks(source).some((task) => task.taskHandle === taskId);
  if (!known) throw moveTaskDoesNotExist();
  const { messagesMoved } = await broker.cancelMessageMoveTask(taskId);
  return { ApproximateNumberOfMessagesMoved: messagesMoved };
}
