import { HttpReply } from "./reply.js";

/** One thing that is wrong with a request. */
export type RequestIssue = {
  /** Which part of the request. */
  in: "body" | "query" | "params";
  /** Where in it, from the outside in. */
  path: (string | number)[];
  message: string;
};

/** An answer that says in a line why a request is refused: `{ "error": … }`. */
export function problemReply(status: number, error: string, headers?: Record<string, string>): HttpReply {
  return HttpReply.json(status, { error }, headers);
}

/** 422: what is wrong, issue by issue. */
export function issuesReply(issues: RequestIssue[]): HttpReply {
  return HttpReply.json(422, { error: "The request is not valid", issues });
}

/** 422: the body as a whole is malformed. */
export function malformedBody(message: string): HttpReply {
  return HttpReply.json(422, { error: message, issues: [{ in: "body", path: [], message }] });
}

/** 413. */
export function bodyTooLarge(maxBytes: number): HttpReply {
  return problemReply(413, `The body is larger than ${maxBytes} bytes`);
}

/** 415. */
export function unsupportedType(mediaType: string, accepted: readonly string[]): HttpReply {
  const given = mediaType === "" ? "A body without a Content-Type" : `Content-Type ${mediaType}`;
  return problemReply(415, `${given} is not accepted; send ${accepted.join(", ")}`);
}

/** 415: the body is compressed, or otherwise encoded. RFC 9110, 15.5.16 */
export function unsupportedEncoding(encoding: string): HttpReply {
  const error = `Content-Encoding ${encoding} is not accepted; send the body as it is`;
  return problemReply(415, error, { "accept-encoding": "identity" });
}
