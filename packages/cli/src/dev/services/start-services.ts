import { createServer } from "node:http";
import { QueueRunError } from "@queue-run/runtime/errors";
import type { Clock } from "../../clock/clock.js";
import { allowedHostsOf, isAllowed } from "../../local-sqs/allowed-hosts.js";
import { closeAll, listenOnAll, portOf } from "../../local-sqs/listen.js";
import type { OtherServices } from "../../local-sqs/request-listener.js";
import type { Reporter } from "../../terminal/reporter.js";
import { tableFolder } from "../data-folder.js";
import type { Queues } from "../queues/queues.js";
import { type LocalServices, localServices } from "./local-services.js";
import type { Service } from "./service.js";
import { type TableService, tableService } from "./table-service.js";

/** The services of AWS that a dev server is, besides its queues. */
export type DevServices = {
  /** For workers, which reach them through their port. */
  local: LocalServices;
  table: TableService;
  /** For scripts, and any AWS client: on loopback alone. */
  endpoint: string;
  /** Ends their endpoint where it is not that of the local SQS, and closes what they have stored. */
  close(): Promise<void>;
};

/**
 * @param folder - of local data
 * @param connections - API Gateway, as handlers reach connections of the socket
 * @param listener - answers requests to the services over HTTP: with local queues, on their endpoint
 */
export async function startServices({
  folder,
  fresh,
  queues,
  clock,
  reporter,
  listener,
  connections,
}: {
  folder: string;
  fresh: boolean;
  queues: Queues;
  clock: Clock;
  reporter: Reporter;
  listener: OtherServices;
  connections: Service;
}): Promise<DevServices> {
  const server = queues.port === null ? await startServer(listener) : null;
  const table = tableService({
    directory: tableFolder(folder),
    fresh,
    now: () => clock.now(),
    onInternalError: (error) => reporter.warning(`The table of job records failed: ${describe(error)}`),
  });
  return {
    local: localServices({ sqs: queues.inProcess, table: table.ask, connections }),
    table,
    endpoint: server?.endpoint ?? queues.place.endpoint,
    async close() {
      await server?.close();
      await table.close();
    },
  };
}

/** With `--sqs-endpoint` there is no endpoint of our own that the services could share. */
async function startServer(
  listener: OtherServices,
): Promise<{ endpoint: string; close: () => Promise<void> }> {
  let port = 0;
  const newServer = () =>
    createServer((request, response) => {
      const { host, origin } = request.headers;
      if (isAllowed(allowedHostsOf(port), host, origin) && listener(request, response)) return;
      request.resume();
      response.writeHead(403).end();
    });
  const servers = await listenOnAll(newServer, ["127.0.0.1"], 0);
  port = portOf(servers[0]) ?? 0;
  return { endpoint: `http://127.0.0.1:${port}`, close: () => closeAll(servers) };
}

function describe(error: unknown): string {
  if (error instanceof QueueRunError) return `${error.message} ${error.fix}`;
  return error instanceof Error ? String(error.stack) : String(error);
}
