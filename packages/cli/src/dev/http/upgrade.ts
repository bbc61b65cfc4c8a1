import { type IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";

/** @returns whether a request asks for a WebSocket. RFC 6455, section 4.2.1 */
export function asksForWebSocket({ method, headers }: IncomingMessage): boolean {
  return method === "GET" && headers.upgrade?.toLowerCase() === "websocket";
}

/**
 * Options of an HTTP server: from Node 24.9 on, it asks which upgrades it is to hand over.
 *
 * @param isServed - whether WebSockets are served now
 */
export function upgradeOptions(isServed: () => boolean): object {
  return { shouldUpgradeCallback: (request: IncomingMessage) => isServed() && asksForWebSocket(request) };
}

/**
 * Answers a request that asks for another protocol (Java's client asks for HTTP/2 with every first one) as if it did not:
 * as function URLs do. Its connection then closes, since Node has let go of it.
 */
export function answerWithoutUpgrade(
  request: IncomingMessage,
  socket: Duplex,
  handle: (request: IncomingMessage, response: ServerResponse) => void,
): void {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket as Socket);
  response.on("finish", () => socket.end());
  socket.on("error", () => socket.destroy());
  handle(request, response);
}
