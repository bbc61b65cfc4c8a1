import { randomBytes, randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { SocketApiAnswer, SocketApiEvent } from "@queue-run/runtime/lambda/socket";
import { SOCKET_MAX_MESSAGE_BYTES, SOCKET_MAX_NEW_CONNECTIONS_PER_SECOND } from "@queue-run/runtime/limits";
import type { WebSocket } from "ws";
import type { Clock } from "../../clock/clock.js";
import type { Fault } from "../http/answer.js";
import type { Outcome } from "../runner/outcome.js";
import type { Slot } from "../runner/slot.js";
import type { Service } from "../services/service.js";
import { connectionRate } from "./connection-rate.js";
import { connectionsService } from "./connections-service.js";
import { isHandshake, refuse } from "./handshake.js";
import { type HeldClient, holdClient } from "./hold-client.js";
import { type ConnectionFacts, connectEvent, disconnectEvent, messageEvent } from "./socket-event.js";

/** How long a client has to answer that a connection closes, when the server stops. */
const CLOSE_WAIT_MS = 1_000;

export type SocketServerPorts = {
  /** An instance of the socket's function; null when there is none. */
  acquire: () => Promise<Slot | null>;
  clock: Clock;
  reports: {
    /** An invocation ended without an answer. */
    invocationFailed: (event: { method: string; path: string; requestId: string }, fault: Fault) => void;
  };
};

/** What API Gateway is to the clients of a project's socket. */
export type SocketServer = {
  /** Takes a request for an upgrade to a WebSocket, on any path. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** What API Gateway is to the project's handlers. */
  service: Service;
  /** Ends every connection: the project has no socket any more. */
  closeAll(): void;
  /** Ends every connection; resolves when the project has been told of each. */
  stop(): Promise<void>;
  /** Cuts what has not ended by itself. */
  cut(): void;
};

/** Nothing listens yet: `upgrade` is to be called by an HTTP server. */
export function createSocketServer({ acquire, clock, reports }: SocketServerPorts): SocketServer {
  const open = new Map<string, HeldClient>();
  /** Told when the next connection closes. */
  const onClosed = new Set<() => void>();
  /** What the project has still to be told of. */
  const telling = new Set<Promise<unknown>>();
  const mayCome = connectionRate(SOCKET_MAX_NEW_CONNECTIONS_PER_SECOND, () => clock.now());
  const protocols = new WeakMap<IncomingMessage, string>();
  let isStopping = false;

  async function webSockets() {
    const { WebSocketServer } = await import("ws");
    return new WebSocketServer({
      noServer: true,
      maxPayload: SOCKET_MAX_MESSAGE_BYTES,
      // The function says which; without it, none.
      handleProtocols: (_, request) => protocols.get(request) ?? false,
    });
  }
  let server: ReturnType<typeof webSockets> | null = null;

  /** Runs the socket's function. Null: it has failed, which has been told. */
  async function invoke(name: string, event: SocketApiEvent): Promise<SocketApiAnswer | null> {
    const { requestId } = event.requestContext;
    const slot = await acquire();
    const outcome = await slot?.run({ kind: "socket", event }, null).outcome;
    if (outcome?.kind === "returned") return outcome.value as SocketApiAnswer;
    const isTold = outcome?.kind === "failed" && outcome.told;
    if (!isTold && (!isStopping || outcome?.kind === "failed"))
      reports.invocationFailed({ method: "SOCKET", path: name, requestId }, faultOf(outcome));
    return null;
  }

  function tell(name: string, event: SocketApiEvent): Promise<SocketApiAnswer | null> {
    const told = invoke(name, event).finally(() => telling.delete(told));
    telling.add(told);
    return told;
  }

  async function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    // A client that goes while it waits is no error of the server's.
    socket.on("error", () => {});
    if (isStopping) return refuse(socket, 503);
    if (!isHandshake(request)) return refuse(socket, 400);
    if (!mayCome()) return refuse(socket, 429);
    const connection: ConnectionFacts = {
      connectionId: `${randomBytes(11).toString("base64url")}=`,
      connectedAt: clock.now(),
      sourceIp: request.socket.remoteAddress ?? "127.0.0.1",
      userAgent: request.headers["user-agent"] ?? "",
      domainName: request.headers.host ?? "localhost",
    };
    const answer = await tell("connect", connectEvent(request, connection, randomUUID()));
    if (!answer) return refuse(socket, 500);
    if (answer.statusCode < 200 || answer.statusCode >= 300) return refuse(socket, answer.statusCode);
    const protocol = answer.headers?.["Sec-WebSocket-Protocol"];
    if (protocol !== undefined) protocols.set(request, protocol);
    server ??= webSockets();
    const sockets = await server;
    let client: WebSocket | null = null;
    if (!socket.destroyed && !isStopping)
      sockets.handleUpgrade(request, socket, head, (opened) => {
        client = opened;
        serve(opened, socket, connection);
      });
    // A key that is none is refused by then, or the client has gone: the project believes in a connection.
    if (!client) {
      if (!socket.destroyed) refuse(socket, 503);
      void tell("disconnect", disconnectEvent(connection, randomUUID(), { code: 1006, reason: "" }));
    }
  }

  function serve(client: WebSocket, socket: Duplex, connection: ConnectionFacts): void {
    const { connectionId } = connection;
    const held = holdClient(client, socket, connection, clock, {
      said: (text) => void receive(text, connection),
      closed(end) {
        open.delete(connectionId);
        void tell("disconnect", disconnectEvent(connection, randomUUID(), end));
        for (const told of onClosed) told();
        onClosed.clear();
      },
    });
    open.set(connectionId, held);
  }

  async function receive(text: string, connection: ConnectionFacts): Promise<void> {
    const requestId = randomUUID();
    const { connectionId } = connection;
    if (await tell("message", messageEvent(text, connection, requestId))) return;
    // As API Gateway does, for a function that failed.
    const message = "Internal server error";
    open.get(connectionId)?.send(JSON.stringify({ message, connectionId, requestId }));
  }

  function closeAll(): void {
    for (const client of open.values()) client.leave();
  }

  function cut(): void {
    for (const client of open.values()) client.cut();
  }

  return {
    upgrade: (request, socket, head) => void upgrade(request, socket, head),
    service: connectionsService((connectionId) => open.get(connectionId)),
    closeAll,
    async stop() {
      isStopping = true;
      closeAll();
      const stopWaiting = clock.at(clock.now() + CLOSE_WAIT_MS, cut);
      while (open.size > 0) await new Promise<void>((resolve) => onClosed.add(resolve));
      stopWaiting();
      while (telling.size > 0) await Promise.all(telling);
    },
    cut,
  };
}

function faultOf(outcome: Outcome | undefined): Fault {
  if (!outcome) return { kind: "no-function" };
  if (outcome.kind === "failed") return { kind: "failed", error: outcome.error };
  return outcome.kind === "died" ? { kind: "died", cause: outcome.cause } : { kind: "no-answer" };
}
