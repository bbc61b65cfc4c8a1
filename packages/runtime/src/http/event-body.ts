import type { APIGatewayProxyEventV2 } from "aws-lambda";

/** @returns how long the event's body is, in bytes, without decoding it */
export function eventBodyLength({ body, isBase64Encoded }: APIGatewayProxyEventV2): number {
  if (!body) return 0;
  if (!isBase64Encoded) return Buffer.byteLength(body);
  return Buffer.byteLength(body, "base64");
}

/** @returns the body's bytes */
export function eventBodyBytes({ body, isBase64Encoded }: APIGatewayProxyEventV2): Buffer {
  return Buffer.from(body ?? "", isBase64Encoded ? "base64" : "utf8");
}

/**
 * @param charset - as the client declared it; null: UTF-8
 * @returns the body as text, without a byte order mark; null when the charset is not known
 */
export function eventBodyText(event: APIGatewayProxyEventV2, charset: string | null): string | null {
  if (charset !== null && charset !== "utf-8" && charset !== "utf8" && charset !== "us-ascii") {
    return event.isBase64Encoded ? decodeBytes(eventBodyBytes(event), charset) : (event.body ?? "");
  }
  const text = event.isBase64Encoded ? eventBodyBytes(event).toString("utf8") : (event.body ?? "");
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

function decodeBytes(bytes: Buffer, charset: string): string | null {
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    return null;
  }
}
