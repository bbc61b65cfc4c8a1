/**
 * What API Gateway invokes the socket's function with, as far as it is used. API Gateway Developer Guide, "WebSocket API
 * mapping template reference"; the types of `@types/aws-lambda`.
 */
export type SocketApiEvent = {
  /** Of the handshake: CONNECT has all of them, the others few or none. */
  headers?: Record<string, string | undefined> | null;
  /** Of the handshake: CONNECT alone. */
  multiValueQueryStringParameters?: Record<string, string[] | undefined> | null;
  requestContext: {
    eventType: "CONNECT" | "MESSAGE" | "DISCONNECT";
    connectionId: string;
    requestId: string;
    /** Milliseconds since 1970. */
    connectedAt: number;
  };
  /** MESSAGE alone. */
  body?: string | null;
  isBase64Encoded?: boolean;
};

/** What the function answers. Of CONNECT, any status but 2xx refuses the connection; otherwise nobody reads it. */
export type SocketApiAnswer = { statusCode: number; headers?: Record<string, string> };
