import { type InstanceConfig, instanceConfig, type QueueLink } from "../config/instance.js";
import { noProject } from "../errors/project-errors.js";
import { notAQueueFile, queueNotFound } from "../errors/push-errors.js";
import { nearestName } from "../names/nearest-name.js";

/** A queue, and the instance that reaches it. */
export type ResolvedQueue = { config: InstanceConfig; link: QueueLink };

/**
 * @param queueName - of a reference; null or empty: `queues.self()` outside of a queue's file
 * @throws QR_NOT_A_QUEUE, QR_NO_PROJECT, QR_QUEUE_NOT_FOUND
 */
export function resolveQueue(queueName: string | null): ResolvedQueue {
  const config = instanceConfig();
  if (!queueName) throw notAQueueFile();
  if (!config) throw noProject(queueName);
  const link = Object.hasOwn(config.queues, queueName) ? config.queues[queueName] : undefined;
  if (!link) throw queueNotFound(queueName, nearestName(queueName, Object.keys(config.queues)));
  return { config, link };
}
