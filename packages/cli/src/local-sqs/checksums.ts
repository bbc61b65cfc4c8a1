import { hash } from "node:crypto";
import type { MessageAttribute } from "./broker/broker.js";

const STRING_TRANSPORT = 1;
const BINARY_TRANSPORT = 2;

/** MD5OfMessageBody: of the body's UTF-8 bytes, in hexadecimal. */
export function md5OfBody(body: string): string {
  return hash("md5", body, "hex");
}

/**
 * MD5OfMessageAttributes: over the attributes in order of name; of each the name, the data type and the value, every
 * one with its length in four bytes before it, and between type and value one byte that says how the value travels.
 * Developer Guide, "Calculating the MD5 message digest for message attributes".
 */
export function md5OfAttributes(attributes: Record<string, MessageAttribute>): string {
  const names = Object.keys(attributes);
  if (names.length > 1) names.sort(byCodeUnit);
  const parts: Uint8Array[] = [];
  for (const name of names) {
    const attribute = attributes[name];
    if (attribute === undefined) continue;
    const { dataType, stringValue = "", binaryValue } = attribute;
    parts.push(attributeBytes(name, dataType, binaryValue ?? stringValue));
  }
  return hash("md5", parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts), "hex");
}

function attributeBytes(name: string, dataType: string, value: string | Uint8Array): Uint8Array {
  const nameBytes = Buffer.byteLength(name);
  const typeBytes = Buffer.byteLength(dataType);
  const valueBytes = typeof value === "string" ? Buffer.byteLength(value) : value.byteLength;
  const bytes = Buffer.allocUnsafe(13 + nameBytes + typeBytes + valueBytes);
  let at = bytes.writeUInt32BE(nameBytes, 0);
  at += bytes.write(name, at);
  at = bytes.writeUInt32BE(typeBytes, at);
  at += bytes.write(dataType, at);
  at = bytes.writeUInt8(typeof value === "string" ? STRING_TRANSPORT : BINARY_TRANSPORT, at);
  at = bytes.writeUInt32BE(valueBytes, at);
  if (typeof value === "string") bytes.write(value, at);
  else bytes.set(value, at);
  return bytes;
}

function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : 1;
}
