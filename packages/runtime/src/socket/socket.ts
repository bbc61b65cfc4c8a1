import { instanceConfig } from "../config/instance.js";
import { currentScope, type InvocationScope } from "../context/invocation-scope.js";
import { QueueRunError } from "../errors/queue-run-error.js";
import { noRecipient, noSocket, sendAfterEnd, socketNotOpen } from "../errors/socket-errors.js";
import { type Observation, PushPromise } from "../queue/push-promise.js";
import { instanceReach, type LoadedReach } from "./instance-reach.js";
import type { Delivery } from "./socket-reach.js";

/** Connections that can be sent to. */
export interface SocketRecipients {
  /**
   * Sends a string as it is, anything else as JSON, at most 128 KB. What one run of a handler sends to a connection
   * arrives in order, and is sent before the handler's result counts, awaited or not.
   *
   * @returns how many connections were reached: 0 when the user is offline
   * @throws (rejects with) QueueRunError `QR_SOCKET_MESSAGE`, `QR_SOCKET_TOO_LARGE`, `QR_SOCKET_NO_RECIPIENT`,
   *   `QR_SOCKET_NOT_OPEN`, `QR_SOCKET_SEND_FAILED`, `QR_NO_SOCKET`, `QR_HANDLER_ENDED`
   */
  send(message: unknown): Promise<number>;
  /** Closes them. @returns how many */
  close(): Promise<number>;
}

/** As `authenticate` has it. */
type UserId = string | number;

/**
 * The project's socket. `socket.send` and `socket.close` are for the connection whose message is handled; in a request, or
 * a job, for all connections of its user.
 */
export interface Socket extends SocketRecipients {
  /** All connections of these users. */
  to(userIds: UserId | readonly UserId[]): SocketRecipients;
  /** Whether the user has a connection. */
  isOnline(userId: UserId): Promise<boolean>;
  /**
   * What browsers connect to: `wss://…` on AWS, `ws://localhost:8000` in development.
   *
   * @throws QueueRunError `QR_NO_SOCKET`
   */
  readonly url: string;
}

type Reach = (reach: LoadedReach, delivery: Delivery) => Promise<number>;

function recipientsOf(resolve: (scope: InvocationScope | null) => Reach): SocketRecipients {
  return {
    send: (message) =>
      tracked(async (scope) => {
        const reachThem = resolve(scope);
        const reach = await instanceReach();
        return reachThem(reach, { text: reach.toText(message) });
      }),
    close: () => tracked(async (scope) => resolve(scope)(await instanceReach(), "close")),
  };
}

/** The connection of the code that runs now, or its user's. */
function ownConnections(scope: InvocationScope | null): Reach {
  const connection = scope?.connection;
  const userId = scope?.user?.id ?? null;
  if (connection) {
    if (!connection.isOpen) throw socketNotOpen();
    return (reach, delivery) =>
      reach.deliver(delivery, [{ connection: connection.id, userId, untilMs: null }]);
  }
  if (userId === null) throw noRecipient();
  return (reach, delivery) => reach.deliverToUsers(delivery, [userId], null);
}

/** Runs something whose failure its handler must not miss, awaited or not; its result waits for it. */
function tracked(run: (scope: InvocationScope | null) => Promise<number>): Promise<number> {
  const scope = currentScope();
  const observation: Observation = { observed: false };
  let isRefused = false;
  // What is refused, since its handler has ended, is not sent.
  const running = Promise.resolve().then(() => (isRefused ? 0 : run(scope)));
  try {
    scope?.pushes.add(running, () => observation.observed, { messages: 0 });
    return PushPromise.from(running, observation);
  } catch (error) {
    isRefused = true;
    const hasEnded = error instanceof QueueRunError && error.code === "QR_HANDLER_ENDED";
    return PushPromise.from(Promise.reject(hasEnded ? sendAfterEnd() : error), observation);
  }
}

/** The project's socket, for every handler. */
export const socket: Socket = {
  ...recipientsOf(ownConnections),
  to(userIds) {
    const ids = (Array.isArray(userIds) ? userIds : [userIds]).map(String);
    return recipientsOf((scope) => {
      const connection = scope?.connection;
      // To wait until it is open would keep it from opening.
      const except = connection && !connection.isOpen ? connection.id : null;
      return (reach, delivery) => reach.deliverToUsers(delivery, ids, except);
    });
  },
  async isOnline(userId) {
    const { store } = await instanceReach();
    return (await store.connectionsOf(String(userId))).length > 0;
  },
  get url() {
    const link = instanceConfig()?.socket;
    if (!link) throw noSocket();
    return link.url ?? link.endpoint.replace(/^http/, "ws");
  },
};
