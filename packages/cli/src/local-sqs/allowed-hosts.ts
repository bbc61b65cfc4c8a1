const LOOPBACK_NAMES = ["localhost", "127.0.0.1", "[::1]"];
const HTTP_PORT = 80;

/** The values of Host and of Origin that a server on this port answers; both in lower case. */
export type AllowedHosts = { hosts: ReadonlySet<string>; origins: ReadonlySet<string> };

/**
 * A web page of anyone's can make a browser send requests to localhost. Such a request carries the page's Origin, or,
 * after a name of the page's own was made to resolve to 127.0.0.1, that name as Host: so only the loopback's own names
 * are answered, and of origins only the server's own.
 *
 * `others`: further host names to answer, without port.
 */
export function allowedHostsOf(port: number, others: readonly string[] = []): AllowedHosts {
  const names = [...LOOPBACK_NAMES, ...others.map((name) => name.toLowerCase())];
  const hosts = new Set(names.map((name) => `${name}:${port}`));
  if (port === HTTP_PORT) for (const name of names) hosts.add(name);
  return { hosts, origins: new Set([...hosts].map((host) => `http://${host}`)) };
}

/** Whether a request with these headers may be answered; no Origin means that it comes from no page. */
export function isAllowed(
  { hosts, origins }: AllowedHosts,
  host: string | undefined,
  origin: string | undefined,
): boolean {
  if (host === undefined || !hosts.has(host.toLowerCase())) return false;
  return origin === undefined || origins.has(origin.toLowerCase());
}
