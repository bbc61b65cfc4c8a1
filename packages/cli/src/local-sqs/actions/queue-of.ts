import { type Input, requiredText } from "../protocol/input.js";
import { queueNameFromUrl } from "../queue-names.js";

/** The name of the queue that an action is about. Throws MissingParameter or InvalidAddress; it may not exist. */
export function queueOf(input: Input): string {
  return queueNameFromUrl(requiredText(input, "QueueUrl"));
}
