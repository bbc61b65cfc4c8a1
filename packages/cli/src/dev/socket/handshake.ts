import { type IncomingMessage, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";

/** @returns whether a request asks for a version of the protocol that there is, with a key. RFC 6455, section 4.2.1 */
export function isHandshake({ headers }: IncomingMessage): boolean {
  return headers["sec-websocket-version"] === "13" && headers["sec-websocket-key"] !== undefined;
}

/** Answers a handshake with a status in place of a connection. */
export function refuse(socket: Duplex, status: number): void {
  if (socket.destroyed) return;
  const reason = STATUS_CODES[status] ?? "Refused";
  socket.end(`HTTP/1.1 ${status} ${reason}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
