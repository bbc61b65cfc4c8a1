import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { TraceContext } from "../context/invocation-scope.js";
import { someSendsFailed } from "../errors/push-errors.js";
import { QueueRunError } from "../errors/queue-run-error.js";
import { withPushSpan } from "../telemetry/push-span.js";
import { channelOf, queueUp } from "./channel.js";
import { deliverTracked } from "./deliver-tracked.js";
import { mergePushOptions } from "./merge-push-options.js";
import { type SizedMessage, toMessage } from "./message.js";
import { resolvePushOptions } from "./push-options.js";
import type { PushItem, PushRequest } from "./pusher.js";
import { resolveQueue } from "./resolve-queue.js";
import { refuseIssues } from "./schema-check.js";
import { sendMessage } from "./send-message.js";

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
  { reference, items, options: callOptions, scope, pushedAt: calledAt }: PushRequest,
  trace: TraceContext | null,
): Promise<string>[] {
  const { config, link } = resolveQueue(reference.queueName);
  const pushedAt = config.now?.() ?? calledAt;
  const { params, ...pushOptions } = callOptions;
  const options = resolvePushOptions(link, mergePushOptions(reference.options, pushOptions), pushedAt);
  const write = ({ payload }: PushItem, jobId: string | null): SizedMessage =>
    toMessage({ link, payload, options, jobId, params, scope, trace });
  const messages = items.map((item, index) =>
    namingItem(items.length > 1 ? index : null, () => write(item, link.track ? newJobId() : null)),
  );
  const channel = channelOf(config, link);
  const validated = validate(items, link.name);
  if (link.track) {
    const renames = items.map((item) => (jobId: string) => write(item, jobId));
    const userId = scope?.user?.id || null;
    return deliverTracked({ config, link, channel, options, userId, pushedAt, validated, messages, renames });
  }
  const gate = validated || channel.gate ? queueUp(channel, Promise.resolve(validated)) : null;
  const send = (message: SizedMessage): Promise<string> => sendMessage(config, channel.lane, link, message);
  return messages.map((message) => (gate ? gate.then(() => send(message)) : send(message)));
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

function newJobId(): string {
  return process.getBuiltinModule("node:crypto").randomUUID();
}

/** Says which item of a list is meant. */
function namingItem<T>(index: number | null, body: () => T): T {
  try {
    return body();
  } catch (error) {
    throw error instanceof QueueRunError && index !== null ? error.ofItem(index) : error;
  }
}
