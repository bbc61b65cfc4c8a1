import { instanceConfig } from "../config/instance.js";
import { noProject } from "../errors/project-errors.js";
import { invalidCancelTarget, notTracked, unreachable } from "../errors/record-errors.js";
import { SQS_MAX_DELAY_SECONDS } from "../limits/index.js";
import type { CancelTarget } from "../queue/queue-types.js";
import type { StoredRecord } from "./record-store.js";
import { type QueueRecords, resolveRecords } from "./resolve-records.js";

const WHAT = "Cancelling";
/** How many waiting messages are taken back at once. */
const AT_ONCE = 10;

/**
 * Cancels the jobs of a queue that have not started: those with a tag, or one.
 *
 * @throws QR_NOT_TRACKED, QR_INVALID_TAG, QR_RECORDS_UNREACHABLE
 */
export async function cancelInQueue(queueName: string, target: CancelTarget): Promise<{ cancelled: number }> {
  const queue = resolveRecords(queueName, WHAT);
  const { records, link } = queue;
  const by = checkTarget(link.name, target);
  const cancelled = await unreachable(link.name, WHAT, async () => {
    if ("tag" in by) return records.cancelTag(link.name, by.tag);
    const one = await records.cancelJob({ queueName: link.name, jobId: by.jobId });
    return one ? [one] : [];
  });
  await forgetMessages(queue, cancelled);
  return { cancelled: cancelled.length };
}

/**
 * The same in every tracked queue.
 *
 * @throws QR_NOT_TRACKED where none is
 */
export async function cancelEverywhere(target: CancelTarget): Promise<{ cancelled: number }> {
  const config = instanceConfig();
  if (!config) throw noProject(null);
  const tracked = Object.values(config.queues).filter(({ track }) => track);
  if (tracked.length === 0) throw notTracked(null, WHAT);
  const counts = await Promise.all(tracked.map(({ name }) => cancelInQueue(name, target)));
  return { cancelled: counts.reduce((sum, { cancelled }) => sum + cancelled, 0) };
}

function checkTarget(queueName: string, target: unknown): { tag: string } | { jobId: string } {
  if (typeof target === "string" && target !== "") return { tag: target };
  if (typeof target === "object" && target !== null && "jobId" in target) {
    const { jobId } = target;
    if (typeof jobId === "string" && jobId !== "") return { jobId };
  }
  throw invalidCancelTarget(queueName, target);
}

/**
 * What waits for its time outside of the queue need not be sent. Where it is, its cancelled record keeps it from being run:
 * so nothing depends on this.
 */
async function forgetMessages({ config, link }: QueueRecords, cancelled: StoredRecord[]): Promise<void> {
  const nowMs = (config.now ?? Date.now)();
  const waiting = cancelled.filter(({ dueAtMs, createdAtMs }) => {
    if (dueAtMs === null || dueAtMs <= nowMs) return false;
    return link.fifo || dueAtMs - createdAtMs > SQS_MAX_DELAY_SECONDS * 1_000;
  });
  if (waiting.length === 0) return;
  const { deleteDelayed } = await import("../queue/on-first-delay.js");
  for (let start = 0; start < waiting.length; start += AT_ONCE) {
    const some = waiting.slice(start, start + AT_ONCE);
    await Promise.allSettled(some.map(({ jobId }) => deleteDelayed(config, link, jobId)));
  }
}
