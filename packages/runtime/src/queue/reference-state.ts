import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { PushOptions } from "./push-options.js";

/** What a reference refers to: a queue, and what every push through it has in common. */
export type ReferenceState = {
  /** Null: `queues.self()` outside of a queue's file. */
  queueName: string | null;
  fifo: boolean;
  options: PushOptions;
  schema: StandardSchemaV1 | null;
};

/** By reference, and by handler that was made with a reference's `handler`. */
const states = new WeakMap<object, ReferenceState>();
const references = new WeakSet<object>();

/** Makes `reference` a reference to a queue. */
export function rememberReference(reference: object, state: ReferenceState): void {
  references.add(reference);
  states.set(reference, state);
}

/** Remembers whose jobs a handler takes, and with it their schema. */
export function rememberHandler(handler: unknown, state: ReferenceState): void {
  if (typeof handler === "function" && !references.has(handler)) states.set(handler, state);
}

/** @returns whether a value is a reference to a queue, rather than a function of the user's */
export function isReference(value: unknown): boolean {
  return isKey(value) && references.has(value);
}

/** @returns what a reference refers to, or what queue a handler was made for; null for anything else */
export function referenceState(value: unknown): ReferenceState | null {
  return (isKey(value) && states.get(value)) || null;
}

const statusRoutes = new WeakMap<object, string>();

/** Remembers which queue's jobs a route's handler tells the status of. */
export function rememberStatusRoute(handler: object, queueName: string): void {
  statusRoutes.set(handler, queueName);
}

/** @returns the queue whose jobs' status a handler tells: it is that queue's `statusHttp`; null for any other */
export function statusRouteQueue(handler: unknown): string | null {
  return (isKey(handler) && statusRoutes.get(handler)) || null;
}

function isKey(value: unknown): value is object {
  return typeof value === "function" || (typeof value === "object" && value !== null);
}
