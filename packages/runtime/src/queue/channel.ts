import { sqsClient } from "../aws/sqs.js";
import type { InstanceConfig, QueueLink } from "../config/instance.js";
import { createSendLane, type SendLane } from "./send-lane.js";

/** A queue's lane, and the pushes that wait before it, for an asynchronous schema or their records, in order. */
export type Channel = { lane: SendLane; gate: Promise<unknown> | null };

const channels = new WeakMap<InstanceConfig, Map<string, Channel>>();

export function channelOf(config: InstanceConfig, link: QueueLink): Channel {
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

/**
 * Pushes leave in the order they were made, also while an earlier one takes its time.
 *
 * @param ready - when this one may leave
 * @returns when it may, and every earlier one has left or failed
 */
export function queueUp<T>(channel: Channel, ready: Promise<T>): Promise<T> {
  const before = channel.gate?.catch(() => {});
  const gate = Promise.all([ready, before]).then(([value]) => value);
  channel.gate = gate;
  const open = (): void => {
    if (channel.gate === gate) channel.gate = null;
  };
  gate.then(open, open);
  return gate;
}
