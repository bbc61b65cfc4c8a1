import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import type { AnswerSink, DeathCause, Outcome } from "../runner/outcome.js";
import type { AnswerHead, PortableError } from "../worker/protocol.js";

/** Why there is no answer of the function's own. */
export type Fault =
  | { kind: "too-large"; maxBytes: number }
  | { kind: "no-function" }
  /** The code could not be loaded, or the entry point failed. */
  | { kind: "failed"; error: PortableError }
  | { kind: "died"; cause: DeathCause }
  | { kind: "no-answer" };

/**
 * Writes a function's answer to a response as it comes.
 *
 * @returns the sink, and `finish`, which tells what is wrong with an invocation that ended, or null when it has answered
 */
export function answerSink(
  request: IncomingMessage,
  response: ServerResponse,
): { sink: AnswerSink; finish: (outcome: Outcome) => Fault | null } {
  let ended = false;
  const sink: AnswerSink = {
    answered(head, body) {
      ended = true;
      if (response.destroyed) return;
      const isHead = request.method === "HEAD";
      const headers = toOutgoingHeaders(head, isHead);
      const bodiless = head.statusCode === 204 || head.statusCode === 304 || isHead;
      if (!bodiless) headers["content-length"] = body === null ? 0 : Buffer.byteLength(body);
      response.writeHead(head.statusCode, headers);
      if (body === null || bodiless) response.end();
      else response.end(body);
    },
    head(head) {
      if (!response.destroyed)
        response.writeHead(head.statusCode, toOutgoingHeaders(head, false)).flushHeaders();
    },
    chunk(bytes) {
      if (response.destroyed || response.write(bytes)) return undefined;
      return new Promise((resolve) => {
        const goOn = (): void => {
          response.off("drain", goOn).off("close", goOn);
          resolve();
        };
        response.on("drain", goOn).on("close", goOn);
      });
    },
    end() {
      ended = true;
      response.end();
    },
  };
  return {
    sink,
    finish(outcome) {
      if (ended || response.destroyed) return null;
      switch (outcome.kind) {
        case "returned":
          return { kind: "no-answer" };
        case "failed":
          return { kind: "failed", error: outcome.error };
        case "died":
          return { kind: "died", cause: outcome.cause };
      }
    },
  };
}

/** Headers that Node's server decides on: what a function says of its connection is not a client's business. */
const HOP_BY_HOP = new Set(["connection", "keep-alive", "transfer-encoding", "upgrade"]);

/** @param keepLength - for HEAD: the length of what is not sent; otherwise the server counts itself */
function toOutgoingHeaders({ headers, cookies }: AnswerHead, keepLength: boolean): OutgoingHttpHeaders {
  const outgoing: OutgoingHttpHeaders = {};
  for (const name in headers)
    if (!HOP_BY_HOP.has(name) && (keepLength || name !== "content-length")) outgoing[name] = headers[name];
  if (cookies.length > 0) outgoing["set-cookie"] = cookies;
  return outgoing;
}
