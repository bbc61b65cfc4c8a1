import { sqsClient } from "../aws/sqs.js";
import { type InstanceConfig, instanceConfig, type QueueLink } from "../config/instance.js";
import { currentScope, type InvocationScope } from "../context/invocation-scope.js";
import {
  noProject,
  notAQueueFile,
  payloadRefused,
  queueNotFound,
  sendFailed,
  someSendsFailed,
} from "../errors/push-errors.js";
import { QueueRunError } from "../errors/queue-run-error.js";
import { emitLifecycle } from "../log/lifecycle-events.js";
import { nearestName } from "../names/nearest-name.js";
import { type SizedMessage, toMessage } from "./message.js";
import { mergePushOptions, type PushOptions, resolvePushOptions } from "./push-options.js";
import { type Observation, PushPromise } from "./push-promise.js";
import type { ReferenceState } from "./reference-state.js";
import { checkSchema } from "./schema-check.js";
import { createSendLane, type SendLane } from "./send-lane.js";

/** What a push may say besides what users may: `queue.http` carries the route's parameters along. */
export type InternalPushOptions = PushOptions & { params?: Record<string, string | string[]> };

/** A queue's lane, and the pushes that wait for an asynchronous schema, in order. */
type Channel = { lane: SendLane; gate: Promise<unknown> | null };

const channels = new WeakMap<InstanceConfig, Map<string, Channel>>();

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
    const [send] = prepare(reference, [payload], options, scope, false);
    return send ? send() : Promise.reject(new Error("Nothing was prepared"));
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
  return track(reference, list?.length ?? 1, async (scope) => {
    if (!list) throw payloadRefused(reference.queueName ?? "", "", "not a list, as pushAll needs");
    const sends = prepare(reference, list, options, scope, true);
    const results = await Promise.allSettled(sends.map((send) => send()));
    const failures = results
      .filter((result) => result.status === "rejected")
      .map(({ reason }) => reason as unknown);
    if (failures.length === 0)
      return results.map((result) => (result.status === "fulfilled" ? result.value : ""));
    const jobIds = results.map((result) => (result.status === "fulfilled" ? result.value : null));
    throw someSendsFailed(reference.queueName ?? "", failures, jobIds);
  });
}

/** Ties a push to the handler that makes it, before anything else can go wrong with it. */
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

/** Writes every payload down at once, so that later changes to it do not matter, and checks all before one is sent. */
function prepare(
  reference: ReferenceState,
  payloads: unknown[],
  callOptions: InternalPushOptions | undefined,
  scope: InvocationScope | null,
  isList: boolean,
): (() => Promise<string>)[] {
  const { config, link } = resolveQueue(reference);
  const { params, ...pushOptions } = callOptions ?? {};
  const options = resolvePushOptions(link, mergePushOptions(reference.options, pushOptions), Date.now());
  const channel = channelOf(config, link);
  const messages = payloads.map((payload, index) =>
    namingItem(isList ? index : null, () => toMessage({ link, payload, options, params, scope })),
  );
  const { schema } = reference;
  const checks = schema ? payloads.map((payload) => checkSchema(schema, payload, link.name)) : [];
  const pending = checks.filter((check) => check !== undefined);
  if (pending.length > 0 || channel.gate) waitInLine(channel, Promise.all(pending));
  const { gate } = channel;
  return messages.map((message) => async () => {
    await gate;
    return deliver(channel.lane, link, message);
  });
}

/** Pushes leave in the order they were made, also while a schema takes its time over an earlier one. */
function waitInLine(channel: Channel, checked: Promise<unknown>): void {
  const before = channel.gate;
  const gate = (before ? before.catch(() => {}) : Promise.resolve()).then(() => checked);
  channel.gate = gate;
  const open = (): void => {
    if (channel.gate === gate) channel.gate = null;
  };
  gate.then(open, open);
}

async function deliver(lane: SendLane, link: QueueLink, { message, bytes }: SizedMessage): Promise<string> {
  try {
    const { MessageId } = await lane.send(message, bytes);
    return MessageId ?? "";
  } catch (error) {
    throw error instanceof QueueRunError ? error : sendFailed(link.name, error);
  }
}

function resolveQueue({ queueName }: ReferenceState): { config: InstanceConfig; link: QueueLink } {
  const config = instanceConfig();
  if (queueName === null) throw notAQueueFile();
  if (!config) throw noProject(queueName);
  const link = Object.hasOwn(config.queues, queueName) ? config.queues[queueName] : undefined;
  if (!link) throw queueNotFound(queueName, nearestName(queueName, Object.keys(config.queues)));
  return { config, link };
}

function channelOf(config: InstanceConfig, link: QueueLink): Channel {
  const ofConfig = channels.get(config) ?? new Map<string, Channel>();
  channels.set(config, ofConfig);
  const existing = ofConfig.get(link.physicalName);
  if (existing) return existing;
  const queueUrl = config.sqs.queueUrlPrefix + link.physicalName;
  const channel = {
    lane: createSendLane({ queueUrl, fifo: link.fifo, client: () => sqsClient(config) }),
    gate: null,
  };
  ofConfig.set(link.physicalName, channel);
  return channel;
}

/** Says which item of a list is meant. */
function namingItem<T>(index: number | null, body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (index === null || !(error instanceof QueueRunError)) throw error;
    throw new QueueRunError({
      code: error.code,
      message: `Item ${index} of pushAll: ${error.message}`,
      fix: error.fix,
      cause: error.cause,
      details: { ...error.details, index },
    });
  }
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.iterator in value;
}
