import type { InProcessSqs } from "../../local-sqs/in-process.js";
import { isConnectionPath } from "../socket/connections-service.js";
import { isSchedulerPath } from "./delays-service.js";
import type { Service, ServiceAnswer, ServiceRequest } from "./service.js";

/** The services of AWS that a dev server is to its own workers. */
export type LocalServices = {
  ask: Service;
  /** Whether a request is for one of them, other than SQS. */
  serves(request: ServiceRequest): boolean;
  /** Whether SQS is one of them: with `--sqs-endpoint` it is elsewhere. */
  hasSqs: boolean;
};

/**
 * Hands each request to the service that it is for.
 *
 * @param sqs - null: it is elsewhere
 */
export function localServices({
  sqs,
  table,
  delays,
  connections,
}: {
  sqs: InProcessSqs | null;
  table: Service;
  delays: Service;
  connections: Service;
}): LocalServices {
  const serviceOf = ({ target, rest }: ServiceRequest): Service | null => {
    if (rest) return isConnectionPath(rest.path) ? connections : isSchedulerPath(rest.path) ? delays : null;
    return target?.startsWith("DynamoDB_") ? table : null;
  };
  return {
    hasSqs: sqs !== null,
    serves: (request) => serviceOf(request) !== null,
    async ask(request, gone) {
      const { target, body } = request;
      if (target?.startsWith("AmazonSQS.") && sqs) return sqs({ target, body }, gone);
      return serviceOf(request)?.(request, gone) ?? notServed(target ?? request.rest?.path ?? "");
    },
  };
}

function notServed(what: string): ServiceAnswer {
  return {
    status: 404,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      __type: "UnknownOperationException",
      message: `The dev server has nothing for ${what}`,
    }),
  };
}
