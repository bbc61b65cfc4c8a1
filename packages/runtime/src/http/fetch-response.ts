import { type Answer, isStream } from "./answer.js";

/**
 * Recognises a Response by its shape: asking for the global `Response` would load the Fetch API.
 */
export function isResponse(value: unknown): value is Response {
  if (typeof value !== "object" || value === null) return false;
  const { status, headers, arrayBuffer } = value as Partial<Response>;
  return (
    typeof arrayBuffer === "function" && typeof status === "number" && typeof headers?.forEach === "function"
  );
}

/** RFC 9110, 7.6.1: what is said of one connection is not for the next one. */
const HOP_BY_HOP = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);
/** What `fetch` decodes. */
const DECODED = /^(?:(?:x-)?gzip|deflate|br)(?:, *(?:(?:x-)?gzip|deflate|br))*$/i;

/**
 * @returns the Response as an answer; its body is not read yet. Of one that `fetch` gave, a handler that hands it on: the
 *   body has been decoded, and what its headers say of its encoding and length no longer holds
 */
export function fromResponse(response: Response): Answer {
  const isDecoded =
    response.url !== "" &&
    response.body !== null &&
    DECODED.test(response.headers.get("content-encoding") ?? "");
  const headers: Record<string, string> = {};
  response.headers.forEach((value, name) => {
    if (name === "set-cookie" || HOP_BY_HOP.has(name)) return;
    if (isDecoded && (name === "content-encoding" || name === "content-length")) return;
    headers[name] = value;
  });
  // Response.error() has status 0, which no client can be given.
  const status = response.status === 0 ? 500 : response.status;
  return { status, headers, cookies: response.headers.getSetCookie(), body: response.body };
}

/** @returns the answer as a Response, for `onResponse` */
export function toResponse({ status, headers, cookies, body }: Answer): Response {
  const all = new Headers(headers);
  for (const cookie of cookies) all.append("set-cookie", cookie);
  const bodyless = body === null || status === 204 || status === 205 || status === 304;
  return new Response(bodyless ? null : toBodyInit(body), { status, headers: all });
}

function toBodyInit(body: string | Uint8Array | ReadableStream<Uint8Array>): BodyInit {
  return typeof body === "string" || isStream(body) ? body : new Uint8Array(body);
}
