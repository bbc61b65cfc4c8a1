import { invalidSocketMessage, socketMessageTooLarge } from "../errors/socket-errors.js";
import { SOCKET_MAX_MESSAGE_BYTES } from "../limits/index.js";

/**
 * What a client is sent: a string as it is, anything else as JSON.
 *
 * @throws QueueRunError `QR_SOCKET_MESSAGE` for what is no JSON value, and for bytes, which API Gateway does not send;
 *   `QR_SOCKET_TOO_LARGE`
 */
export function toMessageText(message: unknown): string {
  const text = typeof message === "string" ? message : toJson(message);
  const bytes = Buffer.byteLength(text);
  if (bytes > SOCKET_MAX_MESSAGE_BYTES) throw socketMessageTooLarge(bytes, SOCKET_MAX_MESSAGE_BYTES);
  return text;
}

function toJson(message: unknown): string {
  if (ArrayBuffer.isView(message) || message instanceof ArrayBuffer)
    throw invalidSocketMessage("API Gateway's WebSockets carry text, and these are bytes");
  let text: string | undefined;
  try {
    text = JSON.stringify(message);
  } catch (error) {
    throw invalidSocketMessage(
      `it is no JSON value (${error instanceof Error ? error.message : error})`,
      error,
    );
  }
  if (text === undefined) throw invalidSocketMessage(`${typeof message} is no JSON value`);
  return text;
}

/** @returns what a client has sent: JSON where it parses, else the text; bytes as a Buffer */
export function readMessage({
  body,
  isBase64Encoded,
}: {
  body?: string | null;
  isBase64Encoded?: boolean;
}): unknown {
  const text = body ?? "";
  if (isBase64Encoded) return Buffer.from(text, "base64");
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
