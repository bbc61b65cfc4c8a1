import type { User } from "../http/http-request.js";
import { endOfConnection } from "./connection-times.js";
import { instanceReach } from "./instance-reach.js";
import { reportError, runUserHook, type SocketRun } from "./socket-run.js";

/**
 * Makes a user the connection's, and runs `onOnline` where it is the user's first. The connection is counted before it is
 * claimed, and taken back where it cannot be: so one that ends meanwhile is counted by nobody in the end.
 *
 * @returns the connection's user: another where another message was quicker; null where the connection has ended
 */
export async function identify(run: SocketRun, user: User): Promise<User | null> {
  const { event, handlers, scope, users } = run;
  const { connectionId } = event.requestContext;
  const { store } = await instanceReach();
  const userId = String(user.id);
  const untilMs = endOfConnection(event.requestContext.connectedAt);
  const takeBack = async (): Promise<void> => {
    const { wentOffline } = await store.remove(connectionId, userId);
    if (wentOffline) await runUserHook(handlers.onOffline, user, scope);
  };

  const { cameOnline } = await store.add(connectionId, userId, untilMs);
  let isClaimed: boolean;
  try {
    isClaimed = await store.claim(connectionId, user, untilMs);
  } catch (error) {
    await store.remove(connectionId, userId).catch((failure) => reportError(failure, scope));
    throw error;
  }
  if (cameOnline) await runUserHook(handlers.onOnline, user, scope);
  const owner = isClaimed ? user : await store.userOf(connectionId);
  if (owner === null || String(owner.id) !== userId) await takeBack();
  if (owner !== null) users.set(connectionId, owner);
  return owner;
}
