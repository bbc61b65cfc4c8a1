import type { Duplex } from "node:stream";
import { SOCKET_MAX_FRAME_BYTES } from "@queue-run/runtime/limits";
import type { WebSocket } from "ws";
import type { Clock } from "../../clock/clock.js";
import type { OpenConnection } from "./connections-service.js";
import { watchFrameLengths } from "./frame-lengths.js";
import { endIdle } from "./lifetime.js";
import type { ConnectionFacts } from "./socket-event.js";

/** Close codes. RFC 6455, section 7.4.1; which of them API Gateway uses when: its Developer Guide, "WebSocket API status codes". */
const NORMAL = 1000;
const GOING_AWAY = 1001;
const UNSUPPORTED_DATA = 1003;
const TOO_BIG = 1009;

/** A client whose connection is open. */
export type HeldClient = OpenConnection & {
  /** The server ends it: it goes away, or the project has no socket any more. */
  leave(): void;
  /** Ends it without another word. */
  cut(): void;
};

/** What a client does. */
type ClientListener = {
  said: (text: string) => void;
  closed: (end: { code: number; reason: string }) => void;
};

/**
 * Holds an open connection to API Gateway's limits: the lengths of frames, no bytes, ten minutes idle, two hours in all.
 *
 * @param socket - what it came over
 */
export function holdClient(
  client: WebSocket,
  socket: Duplex,
  { connectedAt, sourceIp, userAgent }: ConnectionFacts,
  clock: Clock,
  listener: ClientListener,
): HeldClient {
  let isRefused = false;
  const refuse = (code: number): void => {
    isRefused = true;
    client.close(code);
  };
  const held = {
    connectedAt,
    lastActiveMs: connectedAt,
    identity: { sourceIp, userAgent },
    send(text: string) {
      held.lastActiveMs = clock.now();
      client.send(text);
    },
    close: () => client.close(NORMAL),
    leave: () => client.close(GOING_AWAY, "Going away"),
    cut: () => client.terminate(),
  };
  const stopWatching = endIdle(held, clock, held.leave);
  const isTooLong = watchFrameLengths(SOCKET_MAX_FRAME_BYTES);
  socket.prependListener("data", (bytes: Buffer) => {
    if (!isRefused && isTooLong(bytes)) refuse(TOO_BIG);
  });
  client.on("ping", () => {
    held.lastActiveMs = clock.now();
  });
  client.on("message", (data, isBinary) => {
    if (isRefused) return;
    held.lastActiveMs = clock.now();
    if (isBinary) refuse(UNSUPPORTED_DATA);
    else listener.said(String(data));
  });
  client.on("error", () => {
    // A message that is too large, frames that are none: the connection closes, and says so below.
  });
  client.on("close", (code, reason) => {
    stopWatching();
    listener.closed({ code, reason: String(reason) });
  });
  return held;
}
