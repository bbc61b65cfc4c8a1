import { isResponse } from "../http/fetch-response.js";
import type { User } from "../http/http-request.js";
import { HttpReply } from "../http/reply.js";
import { authenticateUser } from "../http/run-hooks.js";
import { endOfConnection } from "./connection-times.js";
import { readHandshake } from "./handshake.js";
import { identify } from "./identify.js";
import { instanceReach } from "./instance-reach.js";
import { readMessage } from "./message-text.js";
import type { SocketAuthenticateArgument, SocketConnectEvent, SocketEvent } from "./socket-event.js";
import { reportError, runUserHook, type SocketRun } from "./socket-run.js";

/**
 * Runs the project's code for one event of a connection. It never rejects: what fails is in the log.
 *
 * @returns the status that API Gateway is answered: it counts where a connection is about to open
 */
export function runSocketEvent(run: SocketRun): Promise<number> {
  switch (run.event.requestContext.eventType) {
    case "CONNECT":
      return connect(run);
    case "MESSAGE":
      return receive(run);
    case "DISCONNECT":
      return disconnect(run);
  }
}

async function connect(run: SocketRun): Promise<number> {
  const { event, handlers, scope } = run;
  const { connectionId: connection, requestId } = event.requestContext;
  const handshake = readHandshake(event);
  try {
    let user: User | null = null;
    if (handlers.authenticate) {
      const argument: SocketAuthenticateArgument = { ...handshake, data: undefined, connection, requestId };
      user = await authenticateUser(handlers.authenticate, argument);
      scope.known = user;
    }
    await handlers.onConnect?.run({
      ...handshake,
      connection,
      user,
      requestId,
    } satisfies SocketConnectEvent);
    await scope.settle();
    if (user) await identify(run, user);
  } catch (thrown) {
    return refusalStatus(thrown) ?? failed(thrown, run);
  }
  await settleQuietly(run);
  return 200;
}

async function failed(error: unknown, { scope }: SocketRun): Promise<number> {
  reportError(error, scope);
  await scope.settle().catch(() => {});
  return 500;
}

async function receive(run: SocketRun): Promise<number> {
  const { event, handlers, scope } = run;
  const { connectionId: connection, requestId } = event.requestContext;
  const data = readMessage(event);
  let isRefused = false;
  try {
    if (handlers.authenticate) {
      const known = await knownUser(run);
      if (known) scope.known = known;
      else {
        isRefused = true;
        const argument: SocketAuthenticateArgument = { ...readHandshake(event), data, connection, requestId };
        const user = await authenticateUser(handlers.authenticate, argument);
        isRefused = false;
        if (user) {
          scope.known = user;
          scope.known = await identify(run, user);
          // It has ended while it was asked who it is: nobody is there to hear an answer.
          if (!scope.known) return 200;
        }
      }
    }
    const message: SocketEvent = {
      data,
      connection,
      user: scope.known,
      requestId,
      get signal() {
        return scope.signal;
      },
    };
    const result = await handlers.handle(message);
    await scope.settle();
    if (scope.isClosed) return 504;
    if (result !== undefined && result !== null) await answer(run, result);
  } catch (thrown) {
    // Its time was up, of which the client has been told, and its signal has told the handler to stop.
    if (scope.isClosed) return 504;
    const status = refusalStatus(thrown);
    if (status === null) reportError(thrown, scope);
    await scope.settle().catch(() => {});
    await answerError(run, errorText(status, requestId));
    if (isRefused && status !== null) await closeConnection(run);
  }
  return 200;
}

async function knownUser({ event, users }: SocketRun): Promise<User | null> {
  const { connectionId } = event.requestContext;
  const remembered = users.get(connectionId);
  if (remembered) return remembered;
  const { store } = await instanceReach();
  const user = await store.userOf(connectionId);
  if (user) users.set(connectionId, user);
  return user;
}

async function disconnect(run: SocketRun): Promise<number> {
  const { event, handlers, scope, users } = run;
  const { connectionId } = event.requestContext;
  users.delete(connectionId);
  // Without it no connection has a user, and nothing is recorded of any.
  if (!handlers.authenticate) return 200;
  try {
    const { store } = await instanceReach();
    const user = await store.end(connectionId, endOfConnection(event.requestContext.connectedAt));
    if (user) {
      scope.known = user;
      const { wentOffline } = await store.remove(connectionId, String(user.id));
      if (wentOffline) await runUserHook(handlers.onOffline, user, scope);
    }
  } catch (error) {
    reportError(error, scope);
  }
  await settleQuietly(run);
  return 200;
}

/** Waits for what hooks have pushed: failing fails nothing any more. */
async function settleQuietly({ scope }: SocketRun): Promise<void> {
  await scope.settle().catch((error) => reportError(error, scope));
}

async function answer({ event, scope }: SocketRun, message: unknown): Promise<void> {
  const reach = await instanceReach();
  const { connectionId: connection } = event.requestContext;
  await reach.deliver({ text: reach.toText(message) }, [
    { connection, userId: scope.user?.id ?? null, untilMs: null },
  ]);
}

/** Tells the client that its message failed, and nothing of why. */
export async function answerError(run: SocketRun, error: string): Promise<void> {
  await answer(run, { error }).catch((failure) => reportError(failure, run.scope));
}

async function closeConnection({ event, scope }: SocketRun): Promise<void> {
  const { connectionId: connection } = event.requestContext;
  try {
    await (await instanceReach()).deliver("close", [{ connection, userId: null, untilMs: null }]);
  } catch (error) {
    reportError(error, scope);
  }
}

/** @returns the status of a Response that was thrown to refuse; null for anything else */
function refusalStatus(thrown: unknown): number | null {
  if (!(thrown instanceof HttpReply) && !isResponse(thrown)) return null;
  return thrown.status >= 300 ? thrown.status : 403;
}

function errorText(status: number | null, requestId: string): string {
  if (status === 401) return "Unauthorized";
  if (status === 403) return "Forbidden";
  return status === null || status >= 500 ? `Internal error, request ${requestId}` : "Refused";
}
