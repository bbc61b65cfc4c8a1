import { payloadRefused } from "../errors/payload-errors.js";
import type { PayloadKind } from "./envelope.js";
import { isMessageText, toMessageSafeJson } from "./message-text.js";
import { findRefusedValue } from "./refused-value.js";

/** A payload as it is written into a message. */
export type EncodedPayload = { body: string; kind: PayloadKind };

/** Base64 of no bytes would be an empty body, which SQS refuses; a lone padding character decodes to no bytes too. */
const NO_BYTES = "=";

/**
 * Writes a payload down so that it arrives as it was sent.
 *
 * @param queueName - for the error
 * @throws QR_INVALID_PAYLOAD for what JSON cannot carry, an empty string or undefined, with the path of the value
 */
export function encodePayload(payload: unknown, queueName: string): EncodedPayload {
  if (typeof payload === "string") {
    if (payload === "") throw payloadRefused(queueName, "", "an empty string");
    if (isMessageText(payload)) return { body: payload, kind: "text" };
    return { body: toMessageSafeJson(JSON.stringify(payload)), kind: "json" };
  }
  if (payload instanceof Uint8Array) {
    const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
    return { body: bytes.toString("base64") || NO_BYTES, kind: "bytes" };
  }
  return { body: toMessageSafeJson(toJson(payload, queueName)), kind: "json" };
}

/** Writes an encoded payload in base64, so that nothing in it can be taken for anything else on its way. */
export function inBase64({ body, kind }: EncodedPayload): EncodedPayload {
  if (kind !== "json" && kind !== "text") return { body, kind };
  return { body: Buffer.from(body).toString("base64"), kind: `${kind}64` };
}

function toJson(payload: unknown, queueName: string): string {
  try {
    const refused = findRefusedValue(payload);
    if (refused) throw payloadRefused(queueName, refused.path, refused.what);
    return JSON.stringify(payload);
  } catch (error) {
    if (error instanceof RangeError) throw payloadRefused(queueName, "", "nested too deeply", error);
    throw error;
  }
}

/**
 * Reads a payload back.
 *
 * @param body - the message's body
 * @param kind - as the envelope says; null for a message that somebody else sent: parsed when it is a JSON object or
 *   array, a string otherwise
 * @throws SyntaxError when a body that should be JSON is not
 */
export function decodePayload(body: string, kind: PayloadKind | null): unknown {
  if (kind === "text") return body;
  if (kind === "bytes") return Buffer.from(body, "base64");
  if (kind === "text64") return Buffer.from(body, "base64").toString();
  if (kind === "json64") return JSON.parse(Buffer.from(body, "base64").toString());
  return kind === "json" ? JSON.parse(body) : parseForeignBody(body);
}

function parseForeignBody(body: string): unknown {
  if (!/^\s*[[{]/.test(body)) return body;
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}
