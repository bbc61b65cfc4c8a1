import type { Broker, Delivery } from "../broker/broker.js";
import type { Input } from "../protocol/input.js";
import type { Owner } from "../queue-names.js";

/** What an action knows beside its input. */
export interface ActionContext {
  readonly broker: Broker;
  readonly owner: Owner;
  /** `http://HOST` as the request named it: queue URLs are on the host they were asked on. */
  readonly origin: string;
  /** The request's X-Amzn-Trace-Id, which becomes the AWSTraceHeader of what it sends. */
  readonly traceHeader: string | undefined;
  /** A signal that aborts when the client hangs up before it was answered. */
  hangUp(): AbortSignal;
  /** What the answer will hand over: undone when the answer cannot be written. */
  handOver(delivery: Delivery): void;
}

/**
 * One of SQS's actions: checks the input, asks the broker, and gives the answer in the JSON protocol's shape. Members
 * that are undefined are left out of it. Throws SqsError.
 */
export type Action = (input: Input, context: ActionContext) => object | Promise<object>;

/** The answer of actions that have nothing to say. */
export const NOTHING = Object.freeze({});
