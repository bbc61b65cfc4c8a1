import type { StandardSchemaV1 } from "@standard-schema/spec";
import { sqsClient } from "../aws/sqs.js";
import { type InstanceConfig, instanceConfig, type QueueLink } from "../config/instance.js";
import type { TraceContext } from "../context/invocation-scope.js";
import { noProject } from "../errors/project-errors.js";
import { notAQueueFile, queueNotFound, sendFailed, someSendsFailed } from "../errors/push-errors.js";
import { QueueRunError } from "../errors/queue-run-error.js";
import { nearestName } from "../names/nearest-name.js";
import { withPushSpan } from "../telemetry/push-span.js";
import { mergePushOptions } from "./merge-push-options.js";
import { type SizedMessage, toMessage } from "./message.js";
import { resolvePushOptions } from "./push-options.js";
import type { PushItem, PushRequest } from "./pusher.js";
import type { ReferenceState } from "./reference-state.js";
import { refuseIssues } from "./schema-check.js";
import { createSendLane, type SendLane } from "./send-lane.js";

/** A queue's lane, and the pushes that wait for an asynchronous schema, in order. */
type Channel = { lane: SendLane; gate: Promise<unknown> | null };

const channels = new WeakMap<InstanceConfig, Map<string, Channel>>();

/** @returns the job's id */
export async function deliverOne(request: PushRequest): Promise<string> {
  const [jobId = ""] = await withPushSpan(request, (trace) => Promise.all(deliver(request, trace)));
  return jobId;
}

/**
 * @returns the jobs' ids, in order
 * @throws when one or more were not sent; `details.jobIds` then has the ids of those that were
 */
export async function deliverMany(request: PushRequest): Promise<string[]> {
  return withPushSpan(request, (trace) => settle(request, deliver(request, trace)));
}

async function settle({ reference }: PushRequest, sending: Promise<string>[]): Promise<string[]> {
  const results = await Promise.allSettled(sending);
  const failures = results
    .filter((result) => result.status === "rejected")
    .map(({ reason }): unknown => reason);
  const jobIds = results.map((result) => (result.status === "fulfilled" ? result.value : null));
  if (failures.length > 0) throw someSendsFailed(reference.queueName ?? "", failures, jobIds);
  return jobIds.filter((jobId) => jobId !== null);
}

/**
 * Hands messages to their queue's lane, synchronously where no schema has to be waited for, so that pushes leave in the
 * order they were made.
 *
 * @param trace - what the messages carry on
 * @throws when one of them cannot be sent as it is: then none is
 */
function deliver(
  { reference, items, options: callOptions, scope, pushedAt }: PushRequest,
  trace: TraceContext | null,
): Promise<string>[] {
  const { config, link } = resolveQueue(reference);
  const { params, ...pushOptions } = callOptions;
  const options = resolvePushOptions(link, mergePushOptions(reference.options, pushOptions), pushedAt);
  const messages = items.map(({ payload }, index) =>
    namingItem(items.length > 1 ? index : null, () =>
      toMessage({ link, payload, options, params, scope, trace }),
    ),
  );
  const channel = channelOf(config, link);
  const validated = validate(items, link.name);
  if (validated || channel.gate) channel.gate = queueUp(channel, validated);
  const { gate } = channel;
  return messages.map((message) =>
    gate
      ? gate.then(() => send(config, channel.lane, link, message))
      : send(config, channel.lane, link, message),
  );
}

/** @returns null when everything is valid already, else a promise that rejects when something is not */
function validate(items: PushItem[], queueName: string): Promise<unknown> | null {
  const pending: Promise<StandardSchemaV1.Result<unknown>>[] = [];
  for (const { validation } of items) {
    if (validation instanceof Promise) pending.push(validation);
    else if (validation) refuseIssues(validation, queueName);
  }
  if (pending.length === 0) return null;
  return Promise.all(pending).then((results) => {
    for (const result of results) refuseIssues(result, queueName);
  });
}

/** Pushes leave in the order they were made, also while a schema takes its time over an earlier one. */
function queueUp(channel: Channel, validated: Promise<unknown> | null): Promise<unknown> {
  const before = channel.gate?.catch(() => {});
  const gate = Promise.all([validated, before]);
  const open = (): void => {
    if (channel.gate === gate) channel.gate = null;
  };
  gate.then(open, open);
  return gate;
}

async function send(
  config: InstanceConfig,
  lane: SendLane,
  link: QueueLink,
  { message, bytes, jobId, sendAt }: SizedMessage,
): Promise<string> {
  if (sendAt !== null && jobId !== null) {
    const { sendWhenDue } = await import("./on-first-delay.js");
    await sendWhenDue(config, link, { message, jobId }, sendAt);
    return jobId;
  }
  try {
    const { MessageId } = await lane.send(message, bytes);
    return jobId ?? MessageId ?? "";
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
  const lane = createSendLane({ queueUrl, fifo: link.fifo, client: () => sqsClient(config) });
  const channel: Channel = { lane, gate: null };
  ofConfig.set(link.physicalName, channel);
  return channel;
}

/** Says which item of a list is meant. */
function namingItem<T>(index: number | null, body: () => T): T {
  try {
    return body();
  } catch (error) {
    throw error instanceof QueueRunError && index !== null ? error.ofItem(index) : error;
  }
}
