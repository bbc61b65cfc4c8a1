import { md5OfAttributes, md5OfBody } from "../checksums.js";
import type { Input } from "../protocol/input.js";
import { invalidParameterValue } from "../sqs-errors.js";
import type { ActionContext } from "./action.js";
import { assertFits, parseMessage } from "./outgoing-message.js";
import { queueOf } from "./queue-of.js";

/** API Reference, SendMessage. */
export async function sendMessage(input: Input, context: ActionContext) {
  const name = queueOf(input);
  const queue = context.broker.queue(name).attributes;
  const { message, systemAttributes, bytes } = parseMessage(input, context.traceHeader);
  if (bytes > queue.maximumMessageSizeBytes) {
    throw invalidParameterValue(
      `One or more parameters are invalid. Reason: Message must be shorter than ${queue.maximumMessageSizeBytes} bytes.`,
    );
  }
  assertFits(message, queue);
  const sent = await context.broker.send(name, message);
  return {
    MD5OfMessageBody: md5OfBody(message.body),
    MD5OfMessageAttributes: message.attributes && md5OfAttributes(message.attributes),
    MD5OfMessageSystemAttributes: systemAttributes && md5OfAttributes(systemAttributes),
    MessageId: sent.messageId,
    SequenceNumber: sent.sequenceNumber ?? undefined,
  };
}
