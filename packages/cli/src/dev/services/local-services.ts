import type { InProcessSqs } from "../../local-sqs/in-process.js";
import type { Service, ServiceAnswer } from "./service.js";

/** The services of AWS that a dev server is to its own workers. */
export type LocalServices = {
  ask: Service;
  /** Whether SQS is one of them: with `--sqs-endpoint` it is elsewhere. */
  hasSqs: boolean;
};

/**
 * Hands each request to the service that it is for.
 *
 * @param services - `table`: DynamoDB; one that is null is said not to exist
 */
export function localServices({ sqs, table }: { sqs: InProcessSqs | null; table: Service }): LocalServices {
  return {
    hasSqs: sqs !== null,
    async ask(request, gone) {
      const { target, body } = request;
      if (target?.startsWith("DynamoDB_")) return table(request, gone);
      if (target?.startsWith("AmazonSQS.") && sqs) return sqs({ target, body }, gone);
      return notServed(request.target ?? request.rest?.path ?? "");
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
