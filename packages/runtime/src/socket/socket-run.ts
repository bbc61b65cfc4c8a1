import type { User } from "../http/http-request.js";
import type { Hook } from "../http/prepared-route.js";
import { emitLifecycle } from "../log/lifecycle-events.js";
import { labelOfScope } from "../log/scope-label.js";
import type { SocketApiEvent } from "./socket-api-event.js";
import type { SocketUserEvent } from "./socket-event.js";
import type { SocketHandlers } from "./socket-handlers.js";
import type { SocketScope } from "./socket-scope.js";

/** One event of a connection on its way through the project's code. */
export type SocketRun = {
  event: SocketApiEvent;
  handlers: SocketHandlers;
  scope: SocketScope;
  /** Users of connections whose messages this instance has handled: a connection never changes its user. */
  users: KnownUsers;
};

/** Some connections' users, so that most messages need not ask the table whose they are. */
export type KnownUsers = {
  get(connection: string): User | undefined;
  set(connection: string, user: User): void;
  delete(connection: string): void;
};

const MOST_KNOWN_USERS = 10_000;

/** @returns an empty memory, which forgets the oldest when it is full */
export function createKnownUsers(): KnownUsers {
  const users = new Map<string, User>();
  return {
    get: (connection) => users.get(connection),
    set(connection, user) {
      const [oldest] = users.size >= MOST_KNOWN_USERS ? users.keys() : [];
      if (oldest !== undefined) users.delete(oldest);
      users.set(connection, user);
    },
    delete: (connection) => users.delete(connection),
  };
}

/** Tells the log of an error that the client learns nothing of. */
export function reportError(error: unknown, scope: SocketScope): void {
  emitLifecycle("error", { error, source: labelOfScope(scope) });
}

/** Runs `onOnline` or `onOffline`: that it fails changes nothing but the log. */
export async function runUserHook(hook: Hook | null, user: User, scope: SocketScope): Promise<void> {
  try {
    await hook?.run({ user, requestId: scope.requestId } satisfies SocketUserEvent);
  } catch (error) {
    reportError(error, scope);
  }
}
