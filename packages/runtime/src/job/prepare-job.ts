import { chainTooLong, queuedPayloadInvalid, unknownJob, unreadableMessage } from "../errors/job-errors.js";
import type { QueueFunction } from "../lambda/functions.js";
import { decodePayload } from "../queue/payload.js";
import type { JobRecord } from "./job-record.js";
import { hopsOf } from "./job-scope.js";
import type { QueueHandlers } from "./queue-handlers.js";

/** A job that can be run, or why it can never be. */
export type PreparedJob = { payload: unknown; error?: undefined } | { error: unknown };

/**
 * Finds out whether a job can run at all: it has a handler, its chain is not too long, its payload can be read and fits
 * the queue's schema. What cannot run now cannot run later either: such a job is dead-lettered.
 */
export async function prepareJob(
  record: JobRecord,
  fn: QueueFunction,
  handlers: QueueHandlers,
): Promise<PreparedJob> {
  const { job, envelope, message } = record;
  if (!record.together && !handlers.jobs.has(job))
    return {
      error: unknownJob(fn.name, job, [...handlers.jobs.keys(), ...(handlers.batch ? ["batch"] : [])]),
    };
  const maxHops = fn.settings.limits.hops;
  if (hopsOf(record) > maxHops) return { error: chainTooLong(fn.name, hopsOf(record), maxHops) };
  let payload: unknown;
  try {
    payload = decodePayload(message.body, envelope?.payloadKind ?? null);
  } catch (error) {
    return { error: unreadableMessage(fn.name, error) };
  }
  const { schema } = handlers;
  if (!schema) return { payload };
  const result = await schema["~standard"].validate(payload);
  return result.issues ? { error: queuedPayloadInvalid(fn.name, result.issues) } : { payload: result.value };
}
