import { SQS_MAX_MESSAGE_ATTRIBUTES } from "@queue-run/runtime/limits";
import type { MessageAttribute } from "./broker/broker.js";
import { MAX_ATTRIBUTE_NAME_LENGTH } from "./limits.js";
import { hasInvalidCharacters } from "./message-characters.js";
import { type Input, structure, text } from "./protocol/input.js";
import { invalidParameterValue } from "./sqs-errors.js";

/** Letters, also beyond ASCII: AWS takes umlauts, though its documentation does not say so. */
const NAME_CHARACTERS = /^[\u00c0-\u017fA-Za-z0-9_.-]+$/;
const RESERVED_NAME = /^(?:aws\.|amazon\.|\.)|\.$/i;
const DATA_TYPE = /^(?:String|Number|Binary)(?:\..*)?$/;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** A message's attributes, and the bytes of them that count towards its size. */
export type ParsedAttributes = { attributes: Record<string, MessageAttribute>; bytes: number };

/**
 * A message's user attributes; undefined where it has none.
 * Throws InvalidParameterValue. Rules: Developer Guide, "Message metadata".
 */
export function parseMessageAttributes(input: Input): ParsedAttributes | undefined {
  const given = structure(input, "MessageAttributes");
  if (given === undefined) return undefined;
  const names = Object.keys(given);
  if (names.length === 0) return undefined;
  if (names.length > SQS_MAX_MESSAGE_ATTRIBUTES) {
    throw invalidParameterValue(
      `Number of message attributes [${names.length}] exceeds the allowed maximum [${SQS_MAX_MESSAGE_ATTRIBUTES}].`,
    );
  }
  const attributes: Record<string, MessageAttribute> = Object.create(null);
  let bytes = 0;
  for (const name of names) {
    assertName(name);
    const attribute = parseAttribute(given, name);
    attributes[name] = attribute;
    bytes += Buffer.byteLength(name) + Buffer.byteLength(attribute.dataType) + valueBytes(attribute);
  }
  return { attributes, bytes };
}

/** The AWSTraceHeader among a message's system attributes, the only one that SQS takes; undefined where it has none. */
export function parseSystemAttributes(input: Input): Record<string, MessageAttribute> | undefined {
  const given = structure(input, "MessageSystemAttributes");
  if (given === undefined) return undefined;
  const names = Object.keys(given);
  if (names.length === 0) return undefined;
  const other = names.find((name) => name !== "AWSTraceHeader");
  if (other !== undefined) {
    throw invalidParameterValue(`Message system attribute name '${other}' is invalid.`);
  }
  const attribute = parseAttribute(given, "AWSTraceHeader");
  if (attribute.dataType !== "String") {
    throw invalidParameterValue("Message system attribute 'AWSTraceHeader' must be of type 'String'.");
  }
  return { AWSTraceHeader: attribute };
}

function assertName(name: string): void {
  if (name.length > MAX_ATTRIBUTE_NAME_LENGTH) {
    throw invalidParameterValue(
      `Message (user) attribute names must be shorter than ${MAX_ATTRIBUTE_NAME_LENGTH} Bytes`,
    );
  }
  if (!NAME_CHARACTERS.test(name)) {
    throw invalidParameterValue(
      "Message (user) attributes name can only contain upper and lower score characters, digits, periods, hyphens and underscores. ",
    );
  }
  if (RESERVED_NAME.test(name) || name.includes("..")) {
    throw invalidParameterValue(
      "You can't use message attribute names beginning with 'AWS.' or 'Amazon.'. These strings are reserved for internal use. Additionally, they cannot start or end with '.', or have two of them in a row.",
    );
  }
}

function parseAttribute(given: Input, name: string): MessageAttribute {
  const wire = structure(given, name) ?? {};
  const dataType = text(wire, "DataType");
  if (dataType === undefined || dataType === "") {
    throw invalidParameterValue(
      `The message attribute '${name}' must contain non-empty message attribute type.`,
    );
  }
  if (!DATA_TYPE.test(dataType)) {
    throw invalidParameterValue(
      `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
    );
  }
  if (dataType.length > MAX_ATTRIBUTE_NAME_LENGTH) {
    throw invalidParameterValue(
      `Message (user) attribute types must be shorter than ${MAX_ATTRIBUTE_NAME_LENGTH} Bytes`,
    );
  }
  return dataType.startsWith("Binary")
    ? { dataType, binaryValue: binaryValue(wire, name, dataType) }
    : { dataType, stringValue: stringValue(wire, name, dataType) };
}

function stringValue(wire: Input, name: string, dataType: string): string {
  const value = text(wire, "StringValue");
  if (value === undefined || value === "") throw emptyValue(name, dataType);
  if (dataType.startsWith("Number")) {
    if (NUMBER.test(value)) return value;
    throw invalidParameterValue(`Can't cast the value of message (user) attribute '${name}' to a number.`);
  }
  if (hasInvalidCharacters(value)) {
    throw invalidParameterValue(
      "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF",
    );
  }
  return value;
}

function binaryValue(wire: Input, name: string, dataType: string): Uint8Array {
  const value = text(wire, "BinaryValue");
  if (value === undefined || value === "") throw emptyValue(name, dataType);
  return Buffer.from(value, "base64");
}

function emptyValue(name: string, dataType: string) {
  return invalidParameterValue(
    `Message (user) attribute '${name}' must contain a non-empty value of type '${dataType}'.`,
  );
}

function valueBytes({ stringValue, binaryValue }: MessageAttribute): number {
  return binaryValue === undefined ? Buffer.byteLength(stringValue ?? "") : binaryValue.byteLength;
}
