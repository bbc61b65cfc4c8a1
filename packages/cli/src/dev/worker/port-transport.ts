import type { HttpAnswer, HttpTransport, InstanceConfig } from "@queue-run/runtime/instance";
import type { FromWorker, ToWorker } from "./protocol.js";

type Request = Extract<FromWorker, { type: "aws" }>["requests"][number];
type Answer = Extract<ToWorker, { type: "aws" }>["answers"][number];

/** Carries requests to the dev server's own services through this worker's port, in place of a connection. */
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
    post(headers, body, target) {
      const id = ++count;
      const what = target ? { rest: target } : { target: headers["x-amz-target"] };
      if (gathered.push({ id, ...what, body }) === 1) queueMicrotask(flush);
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

/**
 * The same instance, whose calls of AWS go through the port.
 *
 * @param sqs - "http": those of SQS alone go to the endpoint that it was given
 */
export function throughPort(
  instance: InstanceConfig,
  transport: HttpTransport,
  sqs: "port" | "http",
): InstanceConfig {
  const { table, delays, socket } = instance;
  return {
    ...instance,
    ...(sqs === "port" && { sqs: { ...instance.sqs, transport } }),
    ...(table && { table: { ...table, transport } }),
    ...(delays && { delays: { ...delays, transport } }),
    ...(socket && { socket: { ...socket, transport } }),
  };
}
