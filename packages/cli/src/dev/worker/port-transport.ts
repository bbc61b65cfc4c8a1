import type { HttpAnswer, HttpTransport } from "@queue-run/runtime/instance";
import type { FromWorker, ToWorker } from "./protocol.js";

type Request = Extract<FromWorker, { type: "sqs" }>["requests"][number];
type Answer = Extract<ToWorker, { type: "sqs" }>["answers"][number];

/** Carries requests of SQS's JSON protocol to the local SQS through this worker's port, in place of a connection. */
export type PortTransport = HttpTransport & {
  /** Takes what the main thread answered. */
  answered(answers: Answer[]): void;
};

/**
 * Requests that are made together travel together: a message between threads costs more than what is in it.
 *
 * @param post - called with at least one request
 */
export function portTransport(post: (requests: Request[]) => void): PortTransport {
  const waiting = new Map<number, (answer: HttpAnswer) => void>();
  let gathered: Request[] = [];
  let count = 0;
  const flush = (): void => {
    const requests = gathered;
    gathered = [];
    post(requests);
  };
  return {
    post(headers, body) {
      const id = ++count;
      if (gathered.push({ id, target: headers["x-amz-target"], body }) === 1) queueMicrotask(flush);
      return new Promise((resolve) => waiting.set(id, resolve));
    },
    answered(answers) {
      for (const { id, ...answer } of answers) {
        waiting.get(id)?.(answer);
        waiting.delete(id);
      }
    },
    close() {
      // There is no connection to close; what is under way is answered.
    },
  };
}
