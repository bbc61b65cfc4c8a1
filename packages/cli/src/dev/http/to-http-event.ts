import { isUtf8 } from "node:buffer";
import type { IncomingMessage } from "node:http";
import type { HttpEvent } from "../worker/protocol.js";

/** Content types whose bodies function URLs hand over as text; anything else is base64. */
const TEXT_TYPE = /^(?:text\/|application\/(?:json|xml|javascript|graphql)\b|[^;]*\+(?:json|xml)\b)/i;

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** What is read of a request. */
type ReceivedRequest = Pick<IncomingMessage, "url" | "method" | "httpVersion" | "rawHeaders"> & {
  socket: Pick<IncomingMessage["socket"], "remoteAddress" | "localPort">;
};

/**
 * The event that a function URL makes of a request, in payload format 2.0: header names in lower case, repeated
 * headers joined by commas, cookies in a list of their own, the path as it was sent.
 * Lambda Developer Guide, "Invoking Lambda function URLs"; the types of `@types/aws-lambda`.
 *
 * @param body - null when the request has none
 */
export function toHttpEvent(
  request: ReceivedRequest,
  body: Buffer | null,
  { requestId, nowMs }: { requestId: string; nowMs: number },
): HttpEvent {
  const url = request.url ?? "/";
  const queryAt = url.indexOf("?");
  const rawPath = queryAt < 0 ? url : url.slice(0, queryAt);
  const rawQueryString = queryAt < 0 ? "" : url.slice(queryAt + 1);
  const method = request.method ?? "GET";
  const { headers, cookies } = toHeaders(request);
  const domainName = headers.host ?? "localhost";
  const sourceIp = request.socket.remoteAddress ?? "127.0.0.1";
  headers["x-forwarded-for"] ??= sourceIp;
  headers["x-forwarded-proto"] ??= "http";
  headers["x-forwarded-port"] ??= String(request.socket.localPort ?? 80);

  const asText = body === null || isText(headers["content-type"], body);
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath,
    rawQueryString,
    ...(cookies.length > 0 && { cookies }),
    headers,
    ...(rawQueryString !== "" && { queryStringParameters: toQueryParameters(rawQueryString) }),
    requestContext: {
      accountId: "anonymous",
      apiId: "dev",
      domainName,
      domainPrefix: "dev",
      http: {
        method,
        path: rawPath,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp,
        userAgent: headers["user-agent"] ?? "",
      },
      requestId,
      routeKey: "$default",
      stage: "$default",
      time: toLogTime(nowMs),
      timeEpoch: nowMs,
    },
    ...(body !== null && { body: body.toString(asText ? "utf8" : "base64") }),
    isBase64Encoded: !asText,
  };
}

function isText(contentType: string | undefined, body: Buffer): boolean {
  return contentType !== undefined && TEXT_TYPE.test(contentType) && isUtf8(body);
}

function toHeaders({ rawHeaders }: ReceivedRequest): { headers: Record<string, string>; cookies: string[] } {
  const headers: Record<string, string> = Object.create(null);
  const cookies: string[] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]?.toLowerCase() ?? "";
    const value = rawHeaders[at + 1] ?? "";
    if (name === "cookie") cookies.push(...value.split("; "));
    else headers[name] = headers[name] === undefined ? value : `${headers[name]},${value}`;
  }
  return { headers, cookies };
}

function toQueryParameters(query: string): Record<string, string> {
  const parameters: Record<string, string> = Object.create(null);
  for (const [name, value] of new URLSearchParams(query))
    parameters[name] = parameters[name] === undefined ? value : `${parameters[name]},${value}`;
  return parameters;
}

let formatted = { second: -1, text: "" };

/** "22/Nov/2026:07:30:00 +0000" */
function toLogTime(nowMs: number): string {
  const second = Math.floor(nowMs / 1000);
  if (formatted.second === second) return formatted.text;
  const date = new Date(nowMs);
  const two = (value: number): string => String(value).padStart(2, "0");
  const day = `${two(date.getUTCDate())}/${MONTHS[date.getUTCMonth()]}/${date.getUTCFullYear()}`;
  const time = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(two).join(":");
  formatted = { second, text: `${day}:${time} +0000` };
  return formatted.text;
}
