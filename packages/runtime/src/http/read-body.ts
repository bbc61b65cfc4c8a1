import type { APIGatewayProxyEventV2 } from "aws-lambda";
import {
  acceptsType,
  FORM_TYPE,
  isJsonType,
  isTextType,
  MULTIPART_TYPE,
  parseContentType,
} from "./content-type.js";
import { eventBodyBytes, eventBodyText } from "./event-body.js";
import { parseFormBody } from "./form-body.js";
import { parseUntrustedJson } from "./json-body.js";
import { parseMultipartBody } from "./multipart-body.js";
import { malformedBody, unsupportedEncoding, unsupportedType } from "./problem-reply.js";

/**
 * Reads a request's body by its content type: JSON and both forms become values, text a string, everything else a
 * Buffer. Without a content type it is JSON if it parses, else a string, or a Buffer when it
 * is no text.
 *
 * @param accepted - types that are allowed; null for any
 * @returns null when there is no body; a promise only for multipart forms
 * @throws HttpReply 415 for a type that is not accepted, or a compressed body that would have to be read, 422 when it is
 *   malformed, 413 for a form of too many parts
 */
export function readBody(event: APIGatewayProxyEventV2, accepted: readonly string[] | null): unknown {
  if (!event.body) return null;
  const header = event.headers["content-type"];
  const { mediaType, charset } = parseContentType(header);
  if (accepted && !acceptsType(accepted, mediaType)) throw unsupportedType(mediaType, accepted);
  const encoding = event.headers["content-encoding"] ?? "identity";
  if (encoding.toLowerCase() !== "identity" && isRead(mediaType)) throw unsupportedEncoding(encoding);
  if (isJsonType(mediaType)) return parseJson(textOf(event, charset));
  if (mediaType === FORM_TYPE) return parseFormBody(textOf(event, charset));
  if (mediaType === MULTIPART_TYPE) return parseMultipartBody(eventBodyBytes(event), header ?? "");
  if (isTextType(mediaType)) return textOf(event, charset);
  return mediaType === "" ? parseUntyped(event) : eventBodyBytes(event);
}

/** Whether a body of this type becomes more than its bytes. */
function isRead(mediaType: string): boolean {
  const isForm = mediaType === FORM_TYPE || mediaType === MULTIPART_TYPE;
  return isForm || isJsonType(mediaType) || isTextType(mediaType);
}

function textOf(event: APIGatewayProxyEventV2, charset: string | null): string {
  const text = eventBodyText(event, charset);
  if (text === null) throw unsupportedType(`with charset=${charset}`, ["charset=utf-8"]);
  if (isGarbled(event, text)) throw malformedBody("The body is not UTF-8; name its charset in Content-Type");
  return text;
}

/** Whether decoding has replaced bytes that are not UTF-8, so that the text is not what was sent. */
function isGarbled(event: APIGatewayProxyEventV2, text: string): boolean {
  if (!event.isBase64Encoded || !text.includes("\ufffd")) return false;
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(eventBodyBytes(event));
    return false;
  } catch {
    return true;
  }
}

function parseJson(text: string): unknown {
  try {
    return parseUntrustedJson(text);
  } catch (error) {
    throw malformedBody(`The body is not JSON: ${error instanceof Error ? error.message : error}`);
  }
}

function parseUntyped(event: APIGatewayProxyEventV2): unknown {
  const text = eventBodyText(event, null) ?? "";
  if (isGarbled(event, text)) return eventBodyBytes(event);
  try {
    return parseUntrustedJson(text);
  } catch {
    return text;
  }
}
