import type { HttpTransport } from "@queue-run/runtime/instance";
import type { Clock } from "../clock/clock.js";
import { LOCAL_OWNER } from "../dev/queues/queues.js";
import { localServices } from "../dev/services/local-services.js";
import type { Service } from "../dev/services/service.js";
import { LOCAL_TABLE, type TableService, tableService } from "../dev/services/table-service.js";
import type { Broker } from "../local-sqs/broker/broker.js";
import { inProcessSqs } from "../local-sqs/in-process.js";
import type { Activity } from "./activity.js";
import { type DelayedMessages, delayedMessages } from "./delayed-messages.js";
import type { ObservedBroker } from "./observed-broker.js";

/** AWS's services, as far as a project in a test calls them. */
export type LocalAws = Pick<TableService, "releaseLeases"> & {
  /** Carries the runtime's requests, in place of connections. */
  transport: HttpTransport;
  delayed: DelayedMessages;
  close(): Promise<void>;
};

/** What queue URLs begin with. Nothing listens there: requests are answered in this process. */
const ORIGIN = "http://localhost:9324";

/** Where SQS seems to be. */
export const SQS_PLACE = {
  endpoint: ORIGIN,
  queueUrlPrefix: `${ORIGIN}/${LOCAL_OWNER.accountId}/`,
  region: LOCAL_OWNER.region,
};

/** Keeps everything in memory. What most projects do not need is loaded when it is first asked for. */
export function localAws({
  broker,
  observed,
  clock,
  activity,
  onInternalError,
}: {
  /** What delayed messages are sent to when they are due. */
  broker: Broker;
  observed: ObservedBroker;
  clock: Clock;
  activity: Activity;
  onInternalError: (error: unknown) => void;
}): LocalAws {
  const table = tableService({ open: () => openTableInMemory(clock), onInternalError });
  const delayed = delayedMessages({
    broker,
    clock,
    activity,
    onCreate: observed.rememberDelayed,
    onInternalError,
  });
  const services = localServices({
    sqs: inProcessSqs({ broker: observed.broker, owner: LOCAL_OWNER, origin: ORIGIN, onInternalError }),
    table: table.ask,
    delays: delayed.ask,
    connections: nobodyIsConnected,
  });
  const never = new AbortController().signal;
  return {
    delayed,
    releaseLeases: table.releaseLeases,
    transport: {
      post: (headers, body, target) =>
        activity.follow(
          services.ask({ target: headers["x-amz-target"], body, ...(target && { rest: target }) }, never),
        ),
      close() {
        // There is no connection.
      },
    },
    async close() {
      await Promise.all([table.close(), delayed.close()]);
    },
  };
}

async function openTableInMemory(clock: Clock) {
  const [{ openTable }, { MemoryDatabase }] = await Promise.all([
    import("../local-dynamodb/open-table.js"),
    import("../local-dynamodb/memory-database.js"),
  ]);
  return openTable({ database: new MemoryDatabase(), name: LOCAL_TABLE, now: () => clock.now() });
}

/** API Gateway's answer for a connection that is not there (HTTP 410). */
const nobodyIsConnected: Service = async () => ({
  status: 410,
  headers: { "content-type": "application/json", "x-amzn-errortype": "GoneException" },
  body: "{}",
});
