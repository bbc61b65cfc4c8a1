import type { Input } from "../protocol/input.js";
import { invalidParameterValue } from "../sqs-errors.js";
import type { ActionContext } from "./action.js";
import { misfitOf, parseMessage } from "./outgoing-message.js";
import { queueOf } from "./queue-of.js";
import { toSentAnswer } from "./sent-answer.js";

/** API Reference, SendMessage. */
export async function sendMessage(input: Input, context: ActionContext) {
  const name = queueOf(input);
  const queue = context.broker.queue(name).attributes;
  const parsed = parseMessage(input, context.traceHeader);
  if (parsed.bytes > queue.maximumMessageSizeBytes) {
    throw invalidParameterValue(
      `One or more parameters are invalid. Reason: Message must be shorter than ${queue.maximumMessageSizeBytes} bytes.`,
    );
  }
  const misfit = misfitOf(parsed.message, queue);
  if (misfit !== undefined) throw misfit;
  return toSentAnswer(parsed, await context.broker.send(name, parsed.message));
}
