import { SOCKET_IDLE_SECONDS, SOCKET_MAX_CONNECTION_SECONDS } from "@queue-run/runtime/limits";
import type { Clock } from "../../clock/clock.js";

/**
 * Ends a connection as API Gateway does: when nothing was sent either way for ten minutes, and after two hours.
 *
 * @param connection - looked at as it changes
 * @returns a function that stops watching
 */
export function endIdle(
  connection: { readonly connectedAt: number; readonly lastActiveMs: number },
  clock: Clock,
  end: () => void,
): () => void {
  const lastsUntilMs = connection.connectedAt + SOCKET_MAX_CONNECTION_SECONDS * 1_000;
  let cancel = (): void => {};
  const watch = (): void => {
    const untilMs = Math.min(lastsUntilMs, connection.lastActiveMs + SOCKET_IDLE_SECONDS * 1_000);
    if (clock.now() >= untilMs) end();
    else cancel = clock.at(untilMs, watch);
  };
  watch();
  return () => cancel();
}
