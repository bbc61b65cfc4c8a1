import { MAX_MOVES_PER_SECOND } from "../limits.js";
import { type Input, integerBetween, requiredText, text } from "../protocol/input.js";
import type { ActionContext } from "./action.js";
import { queueOfArn } from "./queue-of-arn.js";

/** API Reference, StartMessageMoveTask. */
export async function startMessageMoveTask(input: Input, context: ActionContext) {
  const source = queueOfArn(requiredText(input, "SourceArn"), "SourceArn", context);
  const destinationArn = text(input, "DestinationArn");
  const destination = destinationArn && queueOfArn(destinationArn, "DestinationArn", context);
  const maxMessagesPerSecond = integerBetween(
    input,
    "MaxNumberOfMessagesPerSecond",
    1,
    MAX_MOVES_PER_SECOND,
    `Must be between 1 and ${MAX_MOVES_PER_SECOND}, if provided.`,
  );
  const options = { destination: destination || undefined, maxMessagesPerSecond };
  const { taskHandle } = await context.broker.startMessageMoveTask(source, options);
  return { TaskHandle: taskHandle };
}
