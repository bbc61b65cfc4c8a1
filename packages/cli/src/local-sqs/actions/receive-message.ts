import type { MessageAttribute, ReceivedMessage } from "../broker/broker.js";
import { md5OfAttributes, md5OfBody } from "../checksums.js";
import { MAX_ATTEMPT_ID_LENGTH, MAX_RECEIVED_MESSAGES, MAX_WAIT_SECONDS } from "../limits.js";
import { type Input, integerBetween, text, textList } from "../protocol/input.js";
import { invalidValue } from "../sqs-errors.js";
import { type ActionContext, NOTHING } from "./action.js";
import { visibilityTimeoutOf } from "./change-message-visibility.js";
import { queueOf } from "./queue-of.js";
import {
  type AttributeFilter,
  toAttributeFilter,
  toSystemAttributes,
  toWireAttributes,
} from "./received-attributes.js";

/** API Reference, ReceiveMessage. */
export async function receiveMessage(input: Input, context: ActionContext) {
  const name = queueOf(input);
  const { broker, owner } = context;
  const maxMessages =
    integerBetween(
      input,
      "MaxNumberOfMessages",
      1,
      MAX_RECEIVED_MESSAGES,
      `Must be between 1 and ${MAX_RECEIVED_MESSAGES}, if provided.`,
    ) ?? 1;
  const waitTimeSeconds = integerBetween(
    input,
    "WaitTimeSeconds",
    0,
    MAX_WAIT_SECONDS,
    `Must be >= 0 and <= ${MAX_WAIT_SECONDS}, if provided.`,
  );
  const visibilityTimeoutSeconds = visibilityTimeoutOf(input);
  const receiveRequestAttemptId = attemptIdOf(input);
  const systemNames = systemNamesOf(input);
  const filter = toAttributeFilter(textList(input, "MessageAttributeNames"));
  const delivery = await broker.receive(
    name,
    { maxMessages, waitTimeSeconds, visibilityTimeoutSeconds, receiveRequestAttemptId },
    waitTimeSeconds === 0 ? undefined : context.hangUp(),
  );
  if (delivery.messages.length === 0) return NOTHING;
  context.handOver(delivery);
  return {
    Messages: delivery.messages.map((message) => ({
      MessageId: message.messageId,
      ReceiptHandle: message.receiptHandle,
      MD5OfBody: md5OfBody(message.body),
      Body: message.body,
      Attributes: systemNames && toSystemAttributes(message, systemNames, owner),
      ...userAttributes(message, filter),
    })),
  };
}

/** Both the present and the former name of the list count; AWS joins them. */
function systemNamesOf(input: Input): Set<string> | undefined {
  const names = textList(input, "MessageSystemAttributeNames");
  const formerNames = textList(input, "AttributeNames");
  if (!names?.length && !formerNames?.length) return undefined;
  return new Set([...(names ?? []), ...(formerNames ?? [])]);
}

function attemptIdOf(input: Input): string | undefined {
  const id = text(input, "ReceiveRequestAttemptId");
  if (id === undefined || /^[\x21-\x7e]+$/.test(id) === true) {
    if (id === undefined || id.length <= MAX_ATTEMPT_ID_LENGTH) return id;
  }
  throw invalidValue(
    id,
    "ReceiveRequestAttemptId",
    `ReceiveRequestAttemptId can only include alphanumeric and punctuation characters. 1 to ${MAX_ATTEMPT_ID_LENGTH} in length.`,
  );
}

/** The checksum is of the attributes that are given, not of all that the message has. */
function userAttributes(message: ReceivedMessage, filter: AttributeFilter | undefined) {
  if (filter === undefined) return undefined;
  const attributes: Record<string, MessageAttribute> = Object.create(null);
  let some = false;
  for (const [name, attribute] of Object.entries(message.attributes)) {
    if (!filter(name)) continue;
    attributes[name] = attribute;
    some = true;
  }
  if (!some) return undefined;
  return {
    MD5OfMessageAttributes: md5OfAttributes(attributes),
    MessageAttributes: toWireAttributes(attributes),
  };
}
