import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { portTakenError } from "../../errors/dev-errors.js";

/**
 * Makes servers listen on one port of several addresses. An address that this machine does not have (IPv6 may be
 * switched off) is left out, except the first.
 *
 * @param port - 0 for a free one
 * @param flag - what sets the port, for the error
 * @param makeServer - called once for each address
 * @returns the port, and the servers
 * @throws QueueRunError `QR_PORT_TAKEN`
 */
export async function listenOn(
  hosts: string[],
  port: number,
  flag: string,
  makeServer: () => Server,
): Promise<{ port: number; servers: Server[] }> {
  const servers: Server[] = [];
  let bound = port;
  for (const [index, host] of hosts.entries()) {
    const server = makeServer();
    try {
      bound = await listen(server, host, bound);
      servers.push(server);
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : null;
      if (index > 0 && (code === "EADDRNOTAVAIL" || code === "EAFNOSUPPORT" || code === "EINVAL")) continue;
      for (const open of servers) open.close();
      throw code === "EADDRINUSE" || code === "EACCES" ? portTakenError(bound, host, flag, error) : error;
    }
  }
  return { port: bound, servers };
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port, ipv6Only: host.includes(":") }, () => {
      server.off("error", reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}
