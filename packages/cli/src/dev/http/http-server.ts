import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Clock } from "../../clock/clock.js";
import type { Slot } from "../runner/slot.js";
import { answerSink, type Fault } from "./answer.js";
import { sendFault } from "./faults.js";
import { listenOn } from "./listen.js";
import { readBody } from "./read-body.js";
import { toHttpEvent } from "./to-http-event.js";
import { answerWithoutUpgrade, asksForWebSocket, upgradeOptions } from "./upgrade.js";

/** Paths under it are the dev server's own. */
const RESERVED_PATH = "/_queue-run";

export type HttpServerPorts = {
  /** An instance of the API's function; null when there is none. */
  acquire: () => Promise<Slot | null>;
  /** Answers what is under `/_queue-run`. */
  own: (request: IncomingMessage, response: ServerResponse) => void;
  /** Takes what asks for a WebSocket, on any path but those; left out where nothing does. */
  upgrade?: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** The largest body that any route takes. */
  maxBodyBytes: () => number;
  clock: Clock;
  reports: HttpReports;
};

type HttpReports = {
  /** An invocation ended without an answer. */
  invocationFailed: (request: { method: string; path: string; requestId: string }, fault: Fault) => void;
};

export type HttpServer = {
  port: number;
  /**
   * Whether WebSockets are served. Where they are not, a request for an upgrade to whatever protocol is one like any other.
   */
  serveUpgrades(on: boolean): void;
  /** Takes no more requests; resolves when those under way are answered. */
  stop(): Promise<void>;
  /** Cuts every connection. */
  cut(): void;
};

/**
 * Serves the project's routes: each request becomes the event that a function URL would make of it, and goes to an
 * instance of the API's function.
 *
 * @param hosts - addresses to listen on
 * @throws QueueRunError `QR_PORT_TAKEN`
 */
export async function startHttpServer(
  hosts: string[],
  port: number,
  ports: HttpServerPorts,
): Promise<HttpServer> {
  let servesUpgrades = false;
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    if (isReserved(request.url ?? "/")) ports.own(request, response);
    else void serve(request, response, ports);
  };
  const { port: bound, servers } = await listenOn(hosts, port, "--port", () =>
    createServer({ keepAliveTimeout: 65_000, ...upgradeOptions(() => servesUpgrades) }, handle),
  );
  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    if (asksForWebSocket(request) && !isReserved(request.url ?? "/")) ports.upgrade?.(request, socket, head);
    else answerWithoutUpgrade(request, socket, handle);
  };
  return {
    port: bound,
    serveUpgrades(on) {
      servesUpgrades = on;
      for (const server of servers) {
        server.off("upgrade", upgrade);
        if (on) server.on("upgrade", upgrade);
      }
    },
    async stop() {
      await Promise.all(servers.map(close));
    },
    cut() {
      for (const server of servers) server.closeAllConnections();
    },
  };
}

function isReserved(url: string): boolean {
  return url === RESERVED_PATH || url.startsWith(`${RESERVED_PATH}/`) || url.startsWith(`${RESERVED_PATH}?`);
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  ports: HttpServerPorts,
): Promise<void> {
  const requestId = randomUUID();
  const body = await readBody(request, ports.maxBodyBytes());
  if (body === "aborted") return;
  if (body === "too-large") {
    const fault: Fault = { kind: "too-large", maxBytes: ports.maxBodyBytes() };
    sendFault(response, requestId, fault);
    ports.reports.invocationFailed(
      { method: request.method ?? "GET", path: request.url ?? "/", requestId },
      fault,
    );
    return;
  }

  // A client that goes while it waits is found out when its turn comes: a signal for every request costs more.
  let gone = false;
  let hangUp: (() => void) | null = null;
  response.on("close", () => {
    if (response.writableFinished) return;
    gone = true;
    hangUp?.();
  });
  const slot = await ports.acquire();
  if (!slot) {
    if (!gone) sendFault(response, requestId, { kind: "no-function" });
    return;
  }
  if (gone) return slot.release();

  const event = toHttpEvent(request, body, { requestId, nowMs: ports.clock.now() });
  const answer = answerSink(request, response);
  const invocation = slot.run({ kind: "http", event }, answer.sink);
  hangUp = invocation.hangUp;
  const outcome = await invocation.outcome;
  const fault = answer.finish(outcome);
  if (!fault) return;
  if (response.headersSent) response.destroy();
  else sendFault(response, requestId, fault);
  ports.reports.invocationFailed({ method: request.method ?? "GET", path: event.rawPath, requestId }, fault);
}

const CLOSE_IDLE_EVERY_MS = 50;

/** Connections that are kept alive are closed as soon as they have had their answer. */
function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const closeIdle = setInterval(() => server.closeIdleConnections(), CLOSE_IDLE_EVERY_MS);
    server.close(() => {
      clearInterval(closeIdle);
      resolve();
    });
    server.closeIdleConnections();
  });
}
