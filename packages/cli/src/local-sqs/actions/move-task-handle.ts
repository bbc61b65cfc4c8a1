import { invalidParameterValue } from "../sqs-errors.js";

/** Which task a handle means: the broker's own id, and the ARN of the queue it moves from. */
export type MoveTask = { taskId: string; sourceArn: string };

/** As AWS writes handles: JSON in base64. */
export function toTaskHandle({ taskId, sourceArn }: MoveTask): string {
  return Buffer.from(JSON.stringify({ taskId, sourceArn })).toString("base64");
}

/** Throws InvalidParameterValue for a text that is no handle. */
export function fromTaskHandle(taskHandle: string): MoveTask {
  try {
    const task: Partial<Record<keyof MoveTask, unknown>> = JSON.parse(
      Buffer.from(taskHandle, "base64").toString(),
    );
    if (typeof task.taskId === "string" && typeof task.sourceArn === "string") {
      return { taskId: task.taskId, sourceArn: task.sourceArn };
    }
  } catch {
    // Falls through to the same error as JSON of another shape.
  }
  throw invalidParameterValue("Value for parameter TaskHandle is invalid.");
}
