import type { Socket } from "node:net";
import type { ConnectionOptions } from "node:tls";
import { WaitingList } from "../queue/waiting-list.js";
import type { HttpAnswer } from "./answer-reader.js";
import { AwsError } from "./aws-error.js";
import { HttpConnection } from "./http-connection.js";

export type { HttpAnswer } from "./answer-reader.js";

/** As many connections to one host as the SDK keeps. */
const MAX_CONNECTIONS = 50;
/** SQS answers sends within seconds. */
const SILENCE_TIMEOUT_MS = 30_000;
/** What may not be in a header: it would end it. RFC 9110, section 5.5. */
const REFUSED_IN_HEADER = /[^\t\x20-\x7e\x80-\xff]/;

/** What a request asks for, where it is not the endpoint itself. */
export type RestTarget = {
  method: "GET" | "POST" | "PUT" | "DELETE";
  /** Below the endpoint's own path, with the slash that it begins with; its parts are URL-encoded. */
  path: string;
  query?: Record<string, string>;
};

/** Sends requests to one origin over connections that are kept. */
export type HttpTransport = {
  /**
   * @param headers - besides `host`, `connection` and `content-length`, which are the transport's own
   * @param target - default: POST to the endpoint itself
   * @throws AwsError when no whole answer came: `TimeoutError`, or the connection's own error
   */
  post(headers: Record<string, string>, body: string, target?: RestTarget | null): Promise<HttpAnswer>;
  /** Closes the connections. */
  close(): void;
};

/** A request for which there is no connection yet. */
type Waiting = { request: string; begin: (answer: Promise<HttpAnswer>) => void };

/**
 * @param endpoint - its origin and path are used
 * @param silenceTimeoutMs - a connection that says nothing for this long is dead
 */
export function createHttpTransport(endpoint: URL, silenceTimeoutMs = SILENCE_TIMEOUT_MS): HttpTransport {
  const connect = connector(endpoint);
  const open = new Set<HttpConnection>();
  /** The last one that was used is used again first: those that are not needed grow old and close. */
  const idle: HttpConnection[] = [];
  const waiting = new WaitingList<Waiting>();
  const shared = ` HTTP/1.1\r\nhost: ${endpoint.host}\r\nconnection: keep-alive\r\n`;
  const start = `POST ${endpoint.pathname}${shared}`;
  const below = endpoint.pathname.replace(/\/$/, "");

  function free(connection: HttpConnection): void {
    const [next] = waiting.take(1);
    if (next) next.begin(connection.send(next.request));
    else idle.push(connection);
  }

  function gone(connection: HttpConnection): void {
    open.delete(connection);
    const index = idle.indexOf(connection);
    if (index >= 0) idle.splice(index, 1);
    const [next] = waiting.take(1);
    if (next) next.begin(send(next.request));
  }

  function send(request: string): Promise<HttpAnswer> {
    for (let kept = idle.pop(); kept; kept = idle.pop()) if (kept.isOpen) return kept.send(request);
    if (open.size >= MAX_CONNECTIONS) return new Promise((begin) => waiting.add({ request, begin }));
    const connection = new HttpConnection(connect(), silenceTimeoutMs, { free, gone });
    open.add(connection);
    return connection.send(request);
  }

  return {
    async post(headers, body, target) {
      let request = target ? `${target.method} ${below}${pathWithQuery(target)}${shared}` : start;
      for (const name in headers) {
        const value = headers[name] ?? "";
        if (REFUSED_IN_HEADER.test(value)) throw invalidHeader(name);
        if (name !== "host") request += `${name}: ${value}\r\n`;
      }
      return send(`${request}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
    },
    close() {
      for (const connection of open) connection.close();
    },
  };
}

/** @returns the path as a request's first line has it */
function pathWithQuery({ path, query = {} }: RestTarget): string {
  const pairs = Object.entries(query).map((pair) => pair.map(encodeURIComponent).join("="));
  return pairs.length > 0 ? `${path}?${pairs.join("&")}` : path;
}

/**
 * Modules of Node are taken with `process.getBuiltinModule`: an ESM import of some of them costs a cold start tens of
 * milliseconds on Node 22 and later.
 *
 * @returns what opens a connection to the endpoint, encrypted where it says https
 */
function connector({ protocol, hostname, port }: URL): () => Socket {
  const host = hostname.replace(/^\[|\]$/g, "");
  const net = process.getBuiltinModule("node:net");
  const shared = { host, noDelay: true, keepAlive: true, keepAliveInitialDelay: 1_000 };
  if (protocol !== "https:") return () => net.connect({ ...shared, port: Number(port) || 80 });
  const tls = process.getBuiltinModule("node:tls");
  const secure = {
    ...shared,
    port: Number(port) || 443,
    // An IP address is no server name (RFC 6066, section 3); the certificate is checked against the host all the same.
    servername: net.isIP(host) ? "" : host,
    ALPNProtocols: ["http/1.1"],
  };
  /** Of the last handshake: the next connection's takes a round trip less. */
  let session: Buffer | undefined;
  return () => {
    const options: ConnectionOptions = session ? { ...secure, session } : secure;
    const socket = tls.connect(options);
    socket.on("session", (renewed: Buffer) => {
      session = renewed;
    });
    socket.on("error", () => {
      session = undefined;
    });
    return socket;
  };
}

function invalidHeader(name: string): AwsError {
  return new AwsError({
    name: "InvalidHeader",
    message: `The header ${name} has a character that HTTP does not allow`,
  });
}
