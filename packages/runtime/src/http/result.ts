import { invalidResult } from "../errors/http-errors.js";
import { type Answer, makeAnswer } from "./answer.js";
import { fromResponse, isResponse } from "./fetch-response.js";
import { isJsx, renderJsx } from "./jsx.js";
import { HttpReply } from "./reply.js";

/**
 * Turns what a handler returned into an answer: an object into JSON, a string into text, bytes into an octet stream,
 * JSX into HTML, null and undefined into 204, a Response and a reply into themselves.
 *
 * @param handler - how the handler is named in an error
 * @returns the answer; a promise for JSX alone
 * @throws QueueRunError `QR_INVALID_RESULT` for what JSON cannot say
 */
export function toAnswer(result: unknown, handler: string): Answer | Promise<Answer> {
  if (result === null || result === undefined) return makeAnswer(204, null);
  if (typeof result === "string") return makeAnswer(200, result, "text/plain; charset=utf-8");
  if (typeof result === "object") {
    if (result instanceof HttpReply) return fromReply(result);
    if (result instanceof Uint8Array) return makeAnswer(200, result, "application/octet-stream");
    if (result instanceof ArrayBuffer)
      return makeAnswer(200, new Uint8Array(result), "application/octet-stream");
    if (isResponse(result)) return fromResponse(result);
    if (isJsx(result))
      return renderJsx(result).then((html) => makeAnswer(200, html, "text/html; charset=utf-8"));
  }
  return makeAnswer(200, toJson(result, handler), "application/json");
}

/** @returns what was thrown as an answer, when it is one; null for an error */
export function answerThatWasThrown(thrown: unknown): Answer | null {
  if (thrown instanceof HttpReply) return fromReply(thrown);
  return isResponse(thrown) ? fromResponse(thrown) : null;
}

function fromReply({ status, headers: given, body }: HttpReply): Answer {
  const { "set-cookie": cookie, ...headers } = given;
  return { status, headers, cookies: cookie === undefined ? [] : [cookie], body };
}

function toJson(result: unknown, handler: string): string {
  if (isNodeStream(result)) {
    throw invalidResult(handler, "a stream of Node is sent as new Response(Readable.toWeb(stream))");
  }
  let json: string | undefined;
  try {
    json = JSON.stringify(result);
  } catch (cause) {
    throw invalidResult(handler, cause instanceof Error ? cause.message : String(cause), cause);
  }
  if (json === undefined) throw invalidResult(handler, `a ${typeof result} is not JSON`);
  const kind = json === "{}" ? Object.prototype.toString.call(result).slice(8, -1) : "Object";
  if (kind !== "Object") throw invalidResult(handler, `of a ${kind}, JSON would keep nothing`);
  return json;
}

function isNodeStream(value: unknown): boolean {
  return typeof value === "object" && value !== null && "pipe" in value && typeof value.pipe === "function";
}
