import { SOCKET_MAX_CONNECTION_SECONDS, SOCKET_MAX_TIMEOUT_SECONDS } from "../limits/index.js";

/** By how much API Gateway's clock and ours may differ. */
const CLOCK_MARGIN_MS = 60_000;
/** How long a connection lasts at most, as it is recorded. */
const RECORDED_MS = SOCKET_MAX_CONNECTION_SECONDS * 1_000 + CLOCK_MARGIN_MS;

/** @returns when a connection is over at the latest, milliseconds since 1970 */
export function endOfConnection(connectedAtMs: number): number {
  return connectedAtMs + RECORDED_MS;
}

/**
 * @param untilMs - as `endOfConnection` gave it
 * @returns whether the connection may still be about to open: its hooks have not ended, as far as one can tell
 */
export function mayBeOpening(untilMs: number, nowMs: number): boolean {
  return nowMs - (untilMs - RECORDED_MS) < SOCKET_MAX_TIMEOUT_SECONDS * 1_000;
}
