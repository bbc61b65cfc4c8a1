import { queueNameFromArn, toQueueArn } from "../queue-names.js";
import { invalidParameterValue, resourceDoesNotExist } from "../sqs-errors.js";
import type { ActionContext } from "./action.js";

/**
 * The name of the queue that an ARN means. Throws InvalidParameterValue for another text, and
 * ResourceNotFoundException where there is no such queue.
 */
export function queueOfArn(
  arn: string,
  parameter: "SourceArn" | "DestinationArn",
  { broker, owner }: ActionContext,
): string {
  const name = queueNameFromArn(arn);
  if (name === undefined) {
    throw invalidParameterValue(
      `You must use this format to specify the ${parameter}: arn:<partition>:<service>:<region>:<account-id>:<resource-id>`,
    );
  }
  if (toQueueArn(owner, name) !== arn || !broker.hasQueue(name)) throw resourceDoesNotExist(parameter);
  return name;
}
