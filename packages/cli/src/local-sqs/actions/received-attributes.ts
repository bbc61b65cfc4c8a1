import type { MessageAttribute, ReceivedMessage } from "../broker/broker.js";
import type { Input } from "../protocol/input.js";
import type { Owner } from "../queue-names.js";

/** Whether a message attribute of this name was asked for. */
export type AttributeFilter = (name: string) => boolean;

/**
 * MessageAttributeNames: names, `All` (also `.*` and `*`), and prefixes written `prefix.*`. Undefined where nothing
 * was asked for; a name that no attribute can have is no error.
 */
export function toAttributeFilter(names: string[] | undefined): AttributeFilter | undefined {
  if (names === undefined || names.length === 0) return undefined;
  if (names.includes("All") || names.includes(".*") || names.includes("*")) return () => true;
  const exact = new Set(names);
  const prefixes = names.filter((name) => name.endsWith(".*")).map((name) => name.slice(0, -2));
  return (name) => exact.has(name) || prefixes.some((prefix) => name.startsWith(prefix));
}

/** The message's system attributes that were asked for, all of them strings; undefined where there is none. */
export function toSystemAttributes(
  message: ReceivedMessage,
  names: ReadonlySet<string>,
  owner: Owner,
): Record<string, string> | undefined {
  const all: Record<string, string | null> = {
    SenderId: owner.accountId,
    SentTimestamp: String(message.sentAtMs),
    ApproximateReceiveCount: String(message.receiveCount),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAtMs),
    MessageGroupId: message.messageGroupId,
    MessageDeduplicationId: message.messageDeduplicationId,
    SequenceNumber: message.sequenceNumber,
    AWSTraceHeader: message.traceHeader,
    DeadLetterQueueSourceArn: message.deadLetterSourceArn,
  };
  const asked: Record<string, string> = {};
  let some = false;
  for (const [name, value] of Object.entries(all)) {
    if (value === null || !(names.has("All") || names.has(name))) continue;
    asked[name] = value;
    some = true;
  }
  return some ? asked : undefined;
}

/** As the JSON protocol writes attributes: bytes in base64. */
export function toWireAttributes(attributes: Record<string, MessageAttribute>): Input {
  const wire: Input = Object.create(null);
  for (const [name, { dataType, stringValue, binaryValue }] of Object.entries(attributes)) {
    wire[name] =
      binaryValue === undefined
        ? { StringValue: stringValue, DataType: dataType }
        : { BinaryValue: toBase64(binaryValue), DataType: dataType };
  }
  return wire;
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}
