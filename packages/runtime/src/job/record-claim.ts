import type { QueueFunction } from "../lambda/functions.js";
import type { Claim } from "../records/record-store.js";
import type { JobRecord } from "./job-record.js";

/** What a delivered message says of its job, as a claim on the job's record: all that is needed to insert a missing one. */
export function toClaim(
  record: JobRecord,
  { name, settings }: QueueFunction,
  lease: Pick<Claim, "leaseToken" | "leaseUntilMs">,
): Claim {
  const { envelope, message } = record;
  return {
    queueName: name,
    jobId: record.jobId,
    job: record.job,
    maxAttempts: record.maxAttempts,
    redrives: record.redrives,
    tag: envelope?.tag ?? null,
    groupId: record.groupId,
    userId: envelope?.userId ?? null,
    createdAtMs: Number(message.attributes.SentTimestamp),
    dueAtMs: envelope?.dueAt ?? null,
    retentionSeconds: settings.retentionSeconds,
    isCounted: settings.limits.pending !== null,
    expiresSeconds: settings.expiresSeconds,
    ...lease,
  };
}
