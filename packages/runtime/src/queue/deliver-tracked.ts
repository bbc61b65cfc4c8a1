import type { InstanceConfig, QueueLink } from "../config/instance.js";
import { defaultQueueSettings } from "../config/queue-config.js";
import { noRecordsTable } from "../errors/record-errors.js";
import type { PushRecorder, RecordedPush } from "../records/push-recorder.js";
import type { PushedJob } from "../records/record-store.js";
import { type Channel, queueUp } from "./channel.js";
import type { SizedMessage } from "./message.js";
import type { ResolvedPushOptions } from "./push-options.js";
import { sendMessage } from "./send-message.js";

/** Messages of one push to a queue that keeps a record of each job. */
export type TrackedDelivery = {
  config: InstanceConfig;
  link: QueueLink;
  channel: Channel;
  options: ResolvedPushOptions;
  userId: string | null;
  /** Milliseconds since 1970. */
  pushedAt: number;
  /** Rejects when a payload fails its schema; null: none does. */
  validated: Promise<unknown> | null;
  /** Under ids of ours. */
  messages: SizedMessage[];
  /** For each, what writes it again, under the id of the push that it repeats. */
  renames: ((jobId: string) => SizedMessage)[];
};

let loading: Promise<typeof import("../records/on-first-record.js")> | null = null;

/**
 * Sends messages whose records are written first: whatever is sent can be asked about, cancelled and counted. A refused
 * send takes its record back. Pushes to a FIFO queue leave in the order they were made.
 *
 * @returns the jobs' ids, in order
 */
export function deliverTracked(delivery: TrackedDelivery): Promise<string>[] {
  const { link, channel, messages, renames } = delivery;
  if (messages.length === 0) return [];
  const recorded = record(delivery);
  const ready = link.fifo ? queueUp(channel, recorded) : recorded;
  return messages.map((message, index) =>
    ready.then(({ recorder, pushes }) => {
      const push = pushes[index];
      const rename = renames[index];
      if (!push || !rename) throw new TypeError("A push has neither a record nor a reason");
      const { jobId } = push.job;
      return sendRecorded(delivery, recorder, push, jobId === message.jobId ? message : rename(jobId));
    }),
  );
}

async function record({
  config,
  link,
  options,
  userId,
  pushedAt,
  validated,
  messages,
}: TrackedDelivery): Promise<{ recorder: PushRecorder; pushes: RecordedPush[] }> {
  if (!config.table) throw noRecordsTable(link.name);
  loading ??= import("../records/on-first-record.js");
  const [{ instanceRecorder }] = await Promise.all([loading, validated]);
  const defaults = defaultQueueSettings(link.fifo);
  const ofAll: Omit<PushedJob, "jobId" | "pushId"> = {
    queueName: link.name,
    job: options.job,
    maxAttempts: 1 + (options.retries ?? link.retries ?? defaults.retries),
    redrives: 0,
    tag: options.tag,
    groupId: options.group,
    userId,
    createdAtMs: pushedAt,
    dueAtMs: options.dueAt,
    retentionSeconds: link.retentionSeconds ?? defaults.retentionSeconds,
    isCounted: link.maxPending !== undefined,
    isShared: false,
  };
  const recorder = instanceRecorder(config, link);
  const unrecorded = messages.map(({ jobId, dedupeId }) => {
    const id = jobId ?? "";
    return { job: { ...ofAll, jobId: id, pushId: id }, dedupeId };
  });
  return { recorder, pushes: await recorder.record(unrecorded) };
}

async function sendRecorded(
  { config, link, channel }: TrackedDelivery,
  recorder: PushRecorder,
  push: RecordedPush,
  message: SizedMessage,
): Promise<string> {
  try {
    return await sendMessage(config, channel.lane, link, message);
  } catch (error) {
    // Where the table cannot be reached either, the record counts until its message would have left the queue.
    if (await recorder.takeBack(push).catch(() => true)) throw error;
    return push.job.jobId;
  }
}
