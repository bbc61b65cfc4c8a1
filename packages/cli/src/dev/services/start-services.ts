import { existsSync } from "node:fs";
import { createServer } from "node:http";
import { QueueRunError } from "@queue-run/runtime/errors";
import type { Clock } from "../../clock/clock.js";
import { allowedHostsOf, isAllowed } from "../../local-sqs/allowed-hosts.js";
import { closeAll, listenOnAll, portOf } from "../../local-sqs/listen.js";
import type { OtherServices } from "../../local-sqs/request-listener.js";
import type { Reporter } from "../../terminal/reporter.js";
import { delaysFolder, tableFolder } from "../data-folder.js";
import type { Queues } from "../queues/queues.js";
import { delaysService } from "./delays-service.js";
import { type LocalServices, localServices } from "./local-services.js";
import type { Service } from "./service.js";
import { LOCAL_TABLE, type TableService, tableService } from "./table-service.js";

/** The services of AWS that a dev server is, besides its queues. */
export type DevServices = {
  /** For workers, which reach them through their port. */
  local: LocalServices;
  table: TableService;
  /**
   * Opens what a first call would wait for, and sends what has fallen due while no server ran. Once all else is ready.
   *
   * @param needsTable - whether the project has tracked queues
   */
  prepare(needsTable: boolean): void;
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
    open: async () => {
      const { openStoredTable } = await import("../../local-dynamodb/open-stored-table.js");
      const now = () => clock.now();
      return openStoredTable({ directory: tableFolder(folder), name: LOCAL_TABLE, fresh, now });
    },
    onInternalError: (error) => reporter.warning(`The table of job records failed: ${describe(error)}`),
  });
  const delays = delaysService({
    openStorage: async () => {
      const { DurableStorage } = await import("../../local-sqs/storage/durable-storage.js");
      const storage = await DurableStorage.open(delaysFolder(folder));
      if (fresh) await storage.clear("", "~");
      return storage;
    },
    isEmpty: () => !existsSync(delaysFolder(folder)),
    clock,
    send: queues.send,
    onUndelivered: ({ QueueUrl }, error) =>
      reporter.warning(
        `A delayed job has fallen due, but cannot be sent to ${QueueUrl}: ${error instanceof Error ? error.message : error} It is tried again.`,
      ),
    onInternalError: (error) => reporter.warning(`The local Scheduler failed: ${describe(error)}`),
  });
  return {
    local: localServices({ sqs: queues.inProcess, table: table.ask, delays: delays.ask, connections }),
    table,
    prepare(needsTable) {
      if (needsTable || (fresh && existsSync(tableFolder(folder)))) table.prepare();
      delays.prepare();
    },
    endpoint: server?.endpoint ?? queues.place.endpoint,
    async close() {
      await server?.close();
      await Promise.all([table.close(), delays.close()]);
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
