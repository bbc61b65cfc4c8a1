import type { Agent, ClientRequest, IncomingMessage, RequestOptions } from "node:http";
import { AwsError } from "./aws-error.js";

/** As many connections to one host as the SDK keeps. */
const MAX_SOCKETS = 50;
/** SQS answers sends within seconds. */
const SILENCE_TIMEOUT_MS = 30_000;

/** An answer, read to its end. */
export type HttpAnswer = {
  status: number;
  /** Lower-case names. */
  headers: IncomingMessage["headers"];
  body: string;
};

/** Posts to one origin over connections that are kept. */
export type HttpTransport = {
  /** @throws AwsError when no whole answer came: `TimeoutError`, or the connection's own error */
  post(headers: Record<string, string>, body: string): Promise<HttpAnswer>;
  /** Closes idle connections. */
  close(): void;
};

/**
 * node:http and node:https are taken with `process.getBuiltinModule`: an ESM import of them costs a cold start 33 to
 * 44 ms on Node 22 and later, this costs 5.
 *
 * @param endpoint - its origin and path are used
 * @param silenceTimeoutMs - a connection that says nothing for this long is dead
 */
export function createHttpTransport(endpoint: URL, silenceTimeoutMs = SILENCE_TIMEOUT_MS): HttpTransport {
  const isSecure = endpoint.protocol === "https:";
  const http = isSecure ? process.getBuiltinModule("node:https") : process.getBuiltinModule("node:http");
  const agent: Agent = new http.Agent({
    keepAlive: true,
    maxSockets: MAX_SOCKETS,
    timeout: silenceTimeoutMs,
  });
  const target: RequestOptions = {
    agent,
    method: "POST",
    host: endpoint.hostname.replace(/^\[|\]$/g, ""),
    port: endpoint.port || undefined,
    path: endpoint.pathname,
  };
  return {
    post: (headers, body) =>
      new Promise((resolve, reject) => {
        const request: ClientRequest = http.request({ ...target, headers }, (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("end", () => {
            const [only = Buffer.alloc(0)] = chunks;
            const bytes = chunks.length > 1 ? Buffer.concat(chunks) : only;
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              body: bytes.toString("utf8"),
            });
          });
          response.on("error", (error) => reject(toAwsError(error)));
        });
        request.on("timeout", () => request.destroy(new SilentConnection(silenceTimeoutMs)));
        request.on("error", (error) => reject(toAwsError(error)));
        request.end(body);
      }),
    close: () => agent.destroy(),
  };
}

class SilentConnection extends Error {
  readonly code = "ETIMEDOUT";

  constructor(silenceTimeoutMs: number) {
    super(`No answer within ${silenceTimeoutMs / 1000} s`);
  }
}

function toAwsError(error: Error & { code?: string }): AwsError {
  const code = error.code ?? error.name;
  const isTimeout = code === "ECONNRESET" || code === "EPIPE" || code === "ETIMEDOUT";
  return new AwsError({
    name: isTimeout ? "TimeoutError" : error.name,
    code,
    message: error.message || code,
    cause: error,
  });
}
