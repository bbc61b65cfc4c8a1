import { SQS_MAX_DELAY_SECONDS, SQS_MAX_GROUP_ID_LENGTH } from "@queue-run/runtime/limits";
import type { MessageAttribute, OutgoingMessage, QueueAttributes } from "../broker/broker.js";
import { parseMessageAttributes, parseSystemAttributes } from "../message-attributes.js";
import { hasInvalidCharacters } from "../message-characters.js";
import { type Input, integer, requiredText, text } from "../protocol/input.js";
import type { SqsError } from "../sqs-error.js";
import { invalidMessageContents, invalidValue } from "../sqs-errors.js";

/** Letters, digits and ASCII's punctuation; no space. API Reference, SendMessage. */
const FIFO_ID = new RegExp(`^[\\x21-\\x7e]{1,${SQS_MAX_GROUP_ID_LENGTH}}$`);

/** A message as an entry or a request asked for it, with what its answer and its size need. */
export type ParsedMessage = {
  message: OutgoingMessage;
  systemAttributes: Record<string, MessageAttribute> | undefined;
  /** Body and user attributes. */
  bytes: number;
};

/**
 * Reads a message out of SendMessage's input or a batch's entry; all that can be said of it without its queue.
 * Throws SqsError.
 */
export function parseMessage(input: Input, traceHeader: string | undefined): ParsedMessage {
  const body = requiredText(input, "MessageBody");
  const parsed = parseMessageAttributes(input);
  const systemAttributes = parseSystemAttributes(input);
  if (hasInvalidCharacters(body)) throw invalidMessageContents();
  return {
    message: {
      body,
      attributes: parsed?.attributes,
      traceHeader: systemAttributes?.AWSTraceHeader?.stringValue ?? traceHeader,
      delaySeconds: parseDelay(input),
      messageGroupId: parseFifoId(input, "MessageGroupId"),
      messageDeduplicationId: parseFifoId(input, "MessageDeduplicationId"),
    },
    systemAttributes,
    bytes: Buffer.byteLength(body) + (parsed === undefined ? 0 : parsed.bytes),
  };
}

/** The error of a message that deduplicates, on a queue that does not. What a FIFO queue refuses, the broker does. */
export function misfitOf(
  { messageDeduplicationId }: OutgoingMessage,
  queue: QueueAttributes,
): SqsError | undefined {
  if (queue.fifoQueue || messageDeduplicationId === undefined) return undefined;
  return invalidValue(
    messageDeduplicationId,
    "MessageDeduplicationId",
    "The request include parameter that is not valid for this queue type.",
  );
}

function parseDelay(input: Input): number | undefined {
  const delaySeconds = integer(input, "DelaySeconds");
  if (delaySeconds !== undefined && (delaySeconds < 0 || delaySeconds > SQS_MAX_DELAY_SECONDS)) {
    throw invalidValue(
      delaySeconds,
      "DelaySeconds",
      `DelaySeconds must be >= 0 and <= ${SQS_MAX_DELAY_SECONDS}.`,
    );
  }
  return delaySeconds;
}

function parseFifoId(input: Input, name: "MessageGroupId" | "MessageDeduplicationId"): string | undefined {
  const id = text(input, name);
  if (id === undefined || FIFO_ID.test(id)) return id;
  throw invalidValue(
    id,
    name,
    `${name} can only include alphanumeric and punctuation characters. 1 to ${SQS_MAX_GROUP_ID_LENGTH} in length.`,
  );
}
