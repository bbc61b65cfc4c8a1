import { createServer } from "node:http";
import type { Socket } from "node:net";
import { type AllowedHosts, allowedHostsOf } from "./allowed-hosts.js";
import type { Broker } from "./broker/broker.js";
import { closeAll, listenOnAll, portOf } from "./listen.js";
import { type OtherServices, requestListener } from "./request-listener.js";
import { UnreadAnswers } from "./unread-answers.js";

/** Longer than any SDK keeps an idle connection, so that the server never closes one that is about to be used. */
const KEEP_ALIVE_MS = 120_000;

export type SqsServerOptions = {
  broker: Broker;
  /** 0: any that is free. */
  port: number;
  /** Addresses to listen on: the first must exist, others are left out where the machine does not have them. */
  hosts?: readonly string[];
  accountId?: string;
  region?: string;
  /** Host names to answer besides localhost, 127.0.0.1 and [::1]; without port. */
  allowedHosts?: readonly string[];
  /** Answers requests to other services on the same port. */
  others?: OtherServices;
  /** Told of errors that are not a caller's: a write that failed, a defect. Ignored by default. */
  onInternalError?: (error: unknown) => void;
};

export type SqsServer = {
  port: number;
  /** Ends every connection, long polls too, and stops listening. The broker stays open. */
  close(): Promise<void>;
};

/**
 * Serves a broker as SQS: the AWS JSON 1.0 protocol and the query protocol, on loopback.
 *
 * Throws a QueueRunError: QR_SQS_PORT_IN_USE, QR_SQS_LISTEN_FAILED.
 */
export async function startSqsServer(options: SqsServerOptions): Promise<SqsServer> {
  const { broker, port, hosts = ["127.0.0.1", "::1"], onInternalError = () => {} } = options;
  const { accountId = "000000000000", region = "us-east-1" } = options;
  let allowed: AllowedHosts = allowedHostsOf(port, options.allowedHosts);
  const unread = new UnreadAnswers();
  const listener = requestListener({
    broker,
    owner: { accountId, region },
    allowedHosts: () => allowed,
    onInternalError,
    unread,
    ...(options.others && { others: options.others }),
  });
  const newServer = () => {
    const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, noDelay: true }, listener);
    return server.on("clientError", (error: NodeJS.ErrnoException, socket: Socket) => {
      if (error.code === "ECONNRESET") unread.reset(socket);
      // What Node itself does where nobody listens to this event.
      if (socket.writable) socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
      socket.destroy();
    });
  };
  const servers = await listenOnAll(newServer, hosts, port);
  const chosen = portOf(servers[0]) ?? port;
  allowed = allowedHostsOf(chosen, options.allowedHosts);
  return { port: chosen, close: () => closeAll(servers) };
}
