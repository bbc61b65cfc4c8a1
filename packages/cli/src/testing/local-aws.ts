import type { HttpTransport } from "@queue-run/runtime/instance";
import { LOCAL_OWNER } from "../dev/queues/queues.js";
import { localServices } from "../dev/services/local-services.js";
import type { Service } from "../dev/services/service.js";
import type { Broker } from "../local-sqs/broker/broker.js";
import { inProcessSqs } from "../local-sqs/in-process.js";
import type { Activity } from "./activity.js";

/** What queue URLs begin with. Nothing listens there: requests are answered in this process. */
const ORIGIN = "http://localhost:9324";

/** Where SQS seems to be. */
export const SQS_PLACE = {
  endpoint: ORIGIN,
  queueUrlPrefix: `${ORIGIN}/${LOCAL_OWNER.accountId}/`,
  region: LOCAL_OWNER.region,
};

/** @returns what carries the runtime's requests to AWS's services, in place of connections */
export function localAws({
  broker,
  activity,
  onInternalError,
}: {
  broker: Broker;
  activity: Activity;
  onInternalError: (error: unknown) => void;
}): HttpTransport {
  const sqs = inProcessSqs({ broker, owner: LOCAL_OWNER, origin: ORIGIN, onInternalError });
  const services = localServices({ sqs, table: noTable, delays: noTable, connections: nobodyIsConnected });
  const never = new AbortController().signal;
  return {
    post: (headers, body, target) =>
      activity.follow(
        services.ask({ target: headers["x-amz-target"], body, ...(target && { rest: target }) }, never),
      ),
    close() {
      // There is no connection.
    },
  };
}

/** API Gateway's answer for a connection that is not there (HTTP 410). */
const nobodyIsConnected: Service = async () => ({
  status: 410,
  headers: { "content-type": "application/json", "x-amzn-errortype": "GoneException" },
  body: "{}",
});

const noTable: Service = async () => ({ status: 500, headers: {}, body: "" });
