import type { StandardSchemaV1 } from "@standard-schema/spec";
import { currentScope, type InvocationScope } from "../context/invocation-scope.js";
import { payloadRefused } from "../errors/payload-errors.js";
import { QueueRunError } from "../errors/queue-run-error.js";
import { emitLifecycle } from "../log/lifecycle-events.js";
import { type EncodedPayload, encodePayload } from "./payload.js";
import type { PushOptions } from "./push-options.js";
import { type Observation, PushPromise } from "./push-promise.js";
import type { ReferenceState } from "./reference-state.js";

/** What a push may say besides what users may: `queue.http` carries the route's parameters along. */
export type InternalPushOptions = PushOptions & { params?: Record<string, string | string[]> };

/** A push as it was asked for; nothing in it changes when the caller's objects do. */
export type PushRequest = {
  reference: ReferenceState;
  items: PushItem[];
  options: InternalPushOptions;
  scope: InvocationScope | null;
  /** Milliseconds since 1970. */
  pushedAt: number;
};

/** One payload, and what its queue's schema said of it. */
export type PushItem = { payload: EncodedPayload; validation: Validation | null };
type Validation = StandardSchemaV1.Result<unknown> | Promise<StandardSchemaV1.Result<unknown>>;

type Delivery = typeof import("../aws/on-first-call.js");

/**
 * Sends one payload. Never throws: everything that is wrong rejects.
 *
 * @returns the job's id
 */
export function pushOne(
  reference: ReferenceState,
  payload: unknown,
  options?: InternalPushOptions,
): PushPromise<string> {
  return track(reference, 1, (scope) => {
    const request = toRequest(reference, [toItem(reference, payload)], options, scope);
    return withDelivery(({ deliverOne }) => deliverOne(request));
  });
}

/**
 * Sends many payloads, all with the same options. When one of them cannot be sent as it is, none is.
 *
 * @returns the jobs' ids, in order
 */
export function pushMany(
  reference: ReferenceState,
  payloads: Iterable<unknown>,
  options?: InternalPushOptions,
): PushPromise<string[]> {
  const list = isIterable(payloads) ? [...payloads] : null;
  return track(reference, list?.length ?? 1, (scope) => {
    if (!list) throw payloadRefused(reference.queueName ?? "", "", "not a list, as pushAll needs one");
    const items = list.map((payload, index) => toItemOfList(reference, payload, index));
    const request = toRequest(reference, items, options, scope);
    return withDelivery(({ deliverMany }) => deliverMany(request));
  });
}

let loading: Promise<Delivery> | null = null;
let loaded: Delivery | null = null;
let waiting = 0;

/**
 * The code that sends is loaded on the first push: a handler that never pushes does not pay for it. Pushes that wait
 * for it go first, in their order.
 */
function withDelivery<T>(send: (delivery: Delivery) => Promise<T>): Promise<T> {
  if (loaded && waiting === 0) return send(loaded);
  loading ??= import("../aws/on-first-call.js");
  waiting++;
  return loading
    .finally(() => {
      waiting--;
    })
    .then((delivery) => {
      loaded = delivery;
      return send(delivery);
    });
}

/** Ties a push to the handler that makes it, before anything can go wrong with it. */
function track<T>(
  { queueName }: ReferenceState,
  messages: number,
  send: (scope: InvocationScope | null) => Promise<T>,
): PushPromise<T> {
  const scope = currentScope();
  const observation: Observation = { observed: false };
  let settle: (result: Promise<T>) => void = () => {};
  const sent = new Promise<T>((resolve) => {
    settle = resolve;
  });
  let isTracked = false;
  try {
    scope?.pushes.add(sent, () => observation.observed, { queueName: queueName ?? "", messages });
    isTracked = scope !== null;
    settle(send(scope));
  } catch (error) {
    settle(Promise.reject(error));
  }
  if (!isTracked) sent.catch((error: unknown) => reportUnlessObserved(error, observation, scope));
  return PushPromise.from(sent, observation);
}

function toRequest(
  reference: ReferenceState,
  items: PushItem[],
  options: InternalPushOptions | undefined,
  scope: InvocationScope | null,
): PushRequest {
  return {
    reference,
    items,
    options: { ...options },
    scope,
    pushedAt: Date.now(),
  };
}

/** Writes the payload down at once, so that later changes to it do not matter. */
function toItem({ queueName, schema }: ReferenceState, payload: unknown): PushItem {
  const encoded = encodePayload(payload, queueName ?? "");
  const validation = schema ? schema["~standard"].validate(payload) : null;
  // It is looked at by what delivers; until then its failure is not forgotten but expected.
  if (!validation || !("then" in validation)) return { payload: encoded, validation };
  const pending = Promise.resolve(validation);
  pending.catch(() => {});
  return { payload: encoded, validation: pending };
}

function toItemOfList(reference: ReferenceState, payload: unknown, index: number): PushItem {
  try {
    return toItem(reference, payload);
  } catch (error) {
    if (!(error instanceof QueueRunError)) throw error;
    throw error.ofItem(index);
  }
}

/** A failure that no handler answers for must not vanish. */
function reportUnlessObserved(error: unknown, observation: Observation, scope: InvocationScope | null): void {
  setImmediate(() => {
    if (observation.observed) return;
    const source = {
      handler: scope?.handler ?? "push",
      requestId: scope?.requestId ?? null,
      queueName: scope?.job?.queueName ?? null,
      jobId: scope?.job?.jobId ?? null,
      attempt: scope?.job?.attempt ?? null,
      traceId: scope?.trace?.traceId ?? null,
    };
    emitLifecycle("error", { error, source });
  });
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.iterator in value;
}
