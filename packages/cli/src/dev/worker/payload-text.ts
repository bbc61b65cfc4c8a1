import type { MessageAttribute, ReceivedMessage } from "../../local-sqs/broker/broker.js";
import type { InvocationPayload } from "./protocol.js";

/** A binary value in text. */
type BytesText = { base64: string };

/**
 * What a function is invoked with, as one text: to clone its many small objects into another thread would cost several
 * times as much on either side.
 */
export function payloadText(payload: InvocationPayload): string {
  if (payload.kind !== "queue" || !payload.delivery.messages.some(hasBytes)) return JSON.stringify(payload);
  const { kind, delivery } = payload;
  return JSON.stringify({ kind, delivery: { ...delivery, messages: delivery.messages.map(writeBytes) } });
}

/** @param text - that `payloadText` made */
export function parsePayload(text: string): InvocationPayload {
  const payload = JSON.parse(text) as InvocationPayload;
  if (payload.kind === "queue") for (const { attributes } of payload.delivery.messages) readBytes(attributes);
  return payload;
}

function hasBytes({ attributes }: ReceivedMessage): boolean {
  for (const name in attributes) if (attributes[name]?.binaryValue !== undefined) return true;
  return false;
}

function writeBytes({ attributes, ...message }: ReceivedMessage): object {
  const written = Object.entries(attributes).map(([name, { binaryValue: bytes, ...attribute }]) => {
    if (bytes === undefined) return [name, attribute];
    const base64 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
    return [name, { ...attribute, binaryValue: { base64 } satisfies BytesText }];
  });
  return { ...message, attributes: Object.fromEntries(written) };
}

function readBytes(attributes: Record<string, MessageAttribute>): void {
  for (const name in attributes) {
    const attribute = attributes[name];
    if (attribute?.binaryValue === undefined) continue;
    const { base64 } = attribute.binaryValue as unknown as BytesText;
    attribute.binaryValue = Buffer.from(base64, "base64");
  }
}
