import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { sqsListenFailed, sqsPortInUse } from "../errors/local-sqs-errors.js";

/** Another process may take the second address's port between the two; then both are tried anew. */
const PORT_TRIES = 10;

/**
 * Listens on every address, with one port for all.
 *
 * @param newServer - makes the server of each address
 * @param hosts - the first must exist, others are left out where the machine does not have them
 * @param port - 0: any that is free
 * @throws QueueRunError QR_SQS_PORT_IN_USE, QR_SQS_LISTEN_FAILED
 */
export async function listenOnAll(
  newServer: () => Server,
  hosts: readonly string[],
  port: number,
): Promise<Server[]> {
  for (let tries = 1; ; tries++) {
    const servers: Server[] = [];
    try {
      for (const host of hosts) {
        const server = await listen(newServer(), host, portOf(servers[0]) ?? port, servers.length > 0);
        if (server !== undefined) servers.push(server);
      }
      return servers;
    } catch (error) {
      await closeAll(servers);
      if (port !== 0 || tries === PORT_TRIES) throw error;
    }
  }
}

/** Undefined for an address that the machine does not have, where it may be left out. */
function listen(server: Server, host: string, port: number, optional: boolean): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const absent = error.code === "EADDRNOTAVAIL" || error.code === "EAFNOSUPPORT";
      if (absent && optional) resolve(undefined);
      else
        reject(error.code === "EADDRINUSE" ? sqsPortInUse(port, error) : sqsListenFailed(port, host, error));
    });
    server.listen({ host, port }, () => resolve(server));
  });
}

/** Ends every connection, and stops listening. */
export async function closeAll(servers: Server[]): Promise<void> {
  await Promise.all(
    servers.map(
      (server) =>
        new Promise<void>((resolve) => {
          server.close(() => resolve());
          server.closeAllConnections();
        }),
    ),
  );
}

/** @returns the port that a server listens on */
export function portOf(server: Server | undefined): number | undefined {
  const address = server?.address() as AddressInfo | null | undefined;
  return address?.port;
}
