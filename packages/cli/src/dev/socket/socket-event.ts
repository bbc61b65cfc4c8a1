import type { IncomingMessage } from "node:http";
import type { SocketApiEvent } from "@queue-run/runtime/lambda/socket";
import { isOwnPage } from "./own-page.js";

/** A connection, as API Gateway's events tell of it. */
export type ConnectionFacts = {
  connectionId: string;
  /** Milliseconds since 1970. */
  connectedAt: number;
  sourceIp: string;
  userAgent: string;
  domainName: string;
};

/** Of a page elsewhere: on AWS, the socket's own host would have no cookies of the API's. */
const CREDENTIALS = /^(?:cookie|authorization)$/i;

/**
 * The event of $connect: the handshake, with the names of headers as the client wrote them. API Gateway Developer Guide,
 * "The $connect route"; the types of `@types/aws-lambda`.
 */
export function connectEvent(
  { rawHeaders, headers: { origin }, url = "/" }: IncomingMessage,
  connection: ConnectionFacts,
  requestId: string,
): SocketApiEvent {
  const isOwn = isOwnPage(origin, connection.domainName);
  const headers: Record<string, string> = {};
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? "";
    if (isOwn || !CREDENTIALS.test(name)) headers[name] = rawHeaders[at + 1] ?? "";
  }
  const multiple: Record<string, string[]> = {};
  const queryAt = url.indexOf("?");
  const query = new URLSearchParams(queryAt < 0 ? "" : url.slice(queryAt + 1));
  for (const [name, value] of query) multiple[name] = [...(multiple[name] ?? []), value];
  const single = Object.entries(multiple).map(([name, values]) => [name, values.at(-1)]);
  return {
    headers: { ...headers, "X-Forwarded-For": connection.sourceIp, "X-Forwarded-Proto": "http" },
    ...(single.length > 0 && {
      queryStringParameters: Object.fromEntries(single),
      multiValueQueryStringParameters: multiple,
    }),
    requestContext: requestContext("CONNECT", "$connect", connection, requestId),
    isBase64Encoded: false,
  };
}

/** The event of a message. */
export function messageEvent(body: string, connection: ConnectionFacts, requestId: string): SocketApiEvent {
  return {
    requestContext: requestContext("MESSAGE", "$default", connection, requestId, { messageId: requestId }),
    body,
    isBase64Encoded: false,
  };
}

/** The event of $disconnect. */
export function disconnectEvent(
  connection: ConnectionFacts,
  requestId: string,
  end: { code: number; reason: string },
): SocketApiEvent {
  return {
    headers: { Host: connection.domainName, "X-Forwarded-For": connection.sourceIp },
    requestContext: requestContext("DISCONNECT", "$disconnect", connection, requestId, {
      disconnectStatusCode: end.code,
      disconnectReason: end.reason,
    }),
    isBase64Encoded: false,
  };
}

function requestContext(
  eventType: SocketApiEvent["requestContext"]["eventType"],
  routeKey: string,
  { connectionId, connectedAt, sourceIp, userAgent, domainName }: ConnectionFacts,
  requestId: string,
  details: Record<string, unknown> = {},
): SocketApiEvent["requestContext"] & Record<string, unknown> {
  return {
    ...details,
    routeKey,
    eventType,
    messageDirection: "IN",
    connectionId,
    connectedAt,
    requestId,
    extendedRequestId: requestId,
    requestTimeEpoch: Date.now(),
    stage: "dev",
    apiId: "dev",
    domainName,
    identity: { sourceIp, userAgent },
  };
}
