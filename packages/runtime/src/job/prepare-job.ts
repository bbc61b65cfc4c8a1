import type { StandardSchemaV1 } from "@standard-schema/spec";
import { chainTooLong, queuedPayloadInvalid, unknownJob, unreadableMessage } from "../errors/job-errors.js";
import type { QueueFunction } from "../lambda/functions.js";
import { decodePayload } from "../queue/payload.js";
import type { JobRecord } from "./job-record.js";
import { hopsOf } from "./job-scope.js";
import type { QueueHandlers } from "./queue-handlers.js";
import { type Verdict, verdictOfThrown } from "./verdict.js";

/** A job that can be run, or why it can never be. */
export type PreparedJob = { payload: unknown } | { verdict: Verdict };

/**
 * Finds out whether a job can run at all: it has a handler, its chain is not too long, its payload can be read and fits
 * the queue's schema. What cannot run now cannot run later either: such a job is dead-lettered.
 *
 * @returns a promise only where the schema is asynchronous
 */
export function prepareJob(
  record: JobRecord,
  fn: QueueFunction,
  handlers: QueueHandlers,
): PreparedJob | Promise<PreparedJob> {
  const { job, envelope, message } = record;
  if (!record.together && !handlers.jobs.has(job))
    return hopeless(
      unknownJob(fn.name, job, [...handlers.jobs.keys(), ...(handlers.batch ? ["batch"] : [])]),
    );
  const maxHops = fn.settings.limits.hops;
  const hops = hopsOf(record);
  if (hops > maxHops) return hopeless(chainTooLong(fn.name, hops, maxHops));
  let payload: unknown;
  try {
    payload = decodePayload(message.body, envelope?.payloadKind ?? null);
  } catch (error) {
    return hopeless(unreadableMessage(fn.name, error));
  }
  const { schema } = handlers;
  return schema ? validate(schema, payload, fn.name) : { payload };
}

/** A schema's own failure (it throws: a look-up that is down, say) is no verdict on the payload, and is tried again. */
function validate(
  schema: StandardSchemaV1,
  payload: unknown,
  queueName: string,
): PreparedJob | Promise<PreparedJob> {
  const judge = (result: StandardSchemaV1.Result<unknown>): PreparedJob =>
    result.issues ? hopeless(queuedPayloadInvalid(queueName, result.issues)) : { payload: result.value };
  const threw = (error: unknown): PreparedJob => ({ verdict: verdictOfThrown(error) });
  try {
    const validated = schema["~standard"].validate(payload);
    return validated instanceof Promise ? validated.then(judge, threw) : judge(validated);
  } catch (error) {
    return threw(error);
  }
}

function hopeless(error: unknown): PreparedJob {
  return { verdict: { kind: "fail", error } };
}
