import type { AuthenticateArgument, User } from "../http/http-request.js";

/**
 * What the default export of socket/index.ts is called with: one message of a client.
 *
 * @typeParam D - what `data` is: JSON where the message is JSON, else the message as a string
 * @typeParam U - what `authenticate` returns
 */
export type SocketEvent<D = unknown, U = User> = {
  data: D;
  /** The connection's id. */
  connection: string;
  /** Null: anonymous. */
  user: U | null;
  requestId: string;
  /** Aborts when the time is up, and when the handler has ended. */
  signal: AbortSignal;
};

/** The default export of socket/index.ts. What it returns is sent back; undefined and null are not. */
export type SocketHandler<D = unknown, U = User> = (event: SocketEvent<D, U>) => unknown;

/** What a connection's handshake says. Of a message, these are empty. */
type Handshake = Pick<
  AuthenticateArgument,
  "bearerToken" | "username" | "password" | "cookies" | "query" | "headers"
>;

/**
 * What the socket's `authenticate` is called with: when a connection is about to open, and, as long as it has no user,
 * with each of its messages.
 */
export type SocketAuthenticateArgument = Handshake & {
  /** The message; undefined while the connection is about to open. */
  data: unknown;
  connection: string;
  requestId: string;
};

/** What `onConnect` is called with, when a connection is about to open. A Response that it throws refuses it. */
export type SocketConnectEvent<U = User> = Handshake & {
  connection: string;
  user: U | null;
  requestId: string;
};

/** What `onOnline` and `onOffline` are called with: when a user's first connection has come, and the last has gone. */
export type SocketUserEvent<U = User> = { user: U; requestId: string };
