import { connectScheduler, type SchedulerClient } from "../aws/scheduler-client.js";
import type { DelaysLink, InstanceConfig, QueueLink } from "../config/instance.js";
import { delaysNotDeployed, scheduleFailed } from "../errors/delay-errors.js";
import { QueueRunError } from "../errors/queue-run-error.js";
import { delayedMessageName } from "../names/delayed-messages.js";
import { toSchedule } from "./delayed-message.js";
import type { SizedMessage } from "./message.js";

const clients = new WeakMap<InstanceConfig, SchedulerClient>();

/**
 * Has a message sent when it is due. One that is scheduled already, by a call whose answer was lost or by an earlier push of
 * the same job, stays as it is.
 *
 * @param dueAt - milliseconds since 1970
 * @throws QR_DELAYS_NOT_DEPLOYED, QR_SCHEDULE_FAILED, QR_PAYLOAD_TOO_LARGE
 */
export async function sendWhenDue(
  config: InstanceConfig,
  link: QueueLink,
  { message, jobId }: Pick<SizedMessage, "message"> & { jobId: string },
  dueAt: number,
): Promise<void> {
  const delays = delaysOf(config, link);
  const queueUrl = config.sqs.queueUrlPrefix + link.physicalName;
  const now = config.now?.() ?? Date.now();
  const schedule = toSchedule({ delays, link, queueUrl, message, jobId, dueAt, now });
  await naming(link, "CreateSchedule", () => clientOf(config).create(schedule));
}

/**
 * Takes a message back that has not fallen due.
 *
 * @returns false when none waits: it was sent, or never delayed for long
 * @throws QR_DELAYS_NOT_DEPLOYED, QR_SCHEDULE_FAILED
 */
export async function deleteDelayed(
  config: InstanceConfig,
  link: QueueLink,
  jobId: string,
): Promise<boolean> {
  const { scheduleGroup } = delaysOf(config, link);
  const name = delayedMessageName(link.physicalName, jobId);
  return naming(link, "DeleteSchedule", () => clientOf(config).delete(name, scheduleGroup));
}

function delaysOf({ delays, stage }: InstanceConfig, { name }: QueueLink): DelaysLink {
  if (delays) return delays;
  throw delaysNotDeployed(name, stage);
}

function clientOf(config: InstanceConfig): SchedulerClient {
  const existing = clients.get(config);
  if (existing) return existing;
  const client = connectScheduler(config);
  clients.set(config, client);
  return client;
}

async function naming<T>({ name }: QueueLink, action: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw error instanceof QueueRunError ? error : scheduleFailed(name, action, error);
  }
}
