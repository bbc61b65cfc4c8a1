const LOOPBACK_NAMES = new Set(["localhost", "127.0.0.1", "[::1]"]);

/**
 * Whether a handshake comes from a page of this project: of the server itself, of another server on this machine (a
 * front end's own), or from no page at all. Browsers let every page open a WebSocket anywhere, with the cookies that they
 * have for it.
 *
 * @param origin - the handshake's; undefined: a client that is no browser
 * @param host - the handshake's Host
 */
export function isOwnPage(origin: string | undefined, host: string): boolean {
  if (origin === undefined) return true;
  if (!URL.canParse(origin)) return false;
  const { host: from, hostname } = new URL(origin);
  return from === host.toLowerCase() || LOOPBACK_NAMES.has(hostname);
}
