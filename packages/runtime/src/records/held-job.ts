import type { TableItem } from "../aws/table-shapes.js";
import type { ErrorDescription } from "../errors/describe-error.js";
import { claimJob } from "./claim.js";
import { number, text } from "./expressions.js";
import { expiresAtSeconds, statusOf, textOf } from "./record-item.js";
import type { HeldJob, JobRecords, RecordStatus } from "./record-store.js";
import { changeRecord, getRecord, type RecordTable } from "./record-table.js";
import { errorText, progressText, resultText } from "./recorded-values.js";

/** What running jobs asks of their records, of a table. */
export function jobRecordsOf(table: RecordTable): JobRecords {
  return {
    claim: (claim) => claimJob(table, claim),

    async progress(job, value) {
      const progress = text(progressText(job.queueName, value));
      return holding(table, job, { progress });
    },

    complete: (job, result) => end(table, job, "completed", { result: text(resultText(result)) }, ["error"]),

    async retry(job, error) {
      const failed = { ...withError(error), failedAttempt: number(job.attempt) };
      return settle(table, job, "pending", failed, ["leaseUntil"]);
    },

    fail(job, error) {
      // Where every attempt ended its process, one more has claimed it to say so.
      const attempt = number(Math.min(job.attempt, job.maxAttempts));
      return end(table, job, "failed", { ...withError(error), attempt });
    },
  };
}

async function end(
  table: RecordTable,
  job: HeldJob,
  status: "completed" | "failed",
  set: TableItem,
  remove: string[] = [],
): Promise<boolean> {
  const ended = { ...set, completedAt: number(table.now()) };
  const isOurs = await settle(table, job, status, ended, [...remove, "leaseUntil"]);
  if (isOurs) await table.entries.ofEnded(job);
  return isOurs;
}

/** @returns whether the attempt's outcome is on record: by this call, or by one whose answer was lost */
async function settle(
  table: RecordTable,
  job: HeldJob,
  status: RecordStatus,
  set: TableItem,
  remove: string[],
): Promise<boolean> {
  if (await holding(table, job, { ...set, status: text(status) }, remove)) return true;
  const item = await getRecord(table, job);
  return item !== null && statusOf(item) === status && textOf(item, "leaseToken") === job.leaseToken;
}

/** @returns whether the record was still this attempt's, and is changed */
async function holding(
  table: RecordTable,
  job: HeldJob,
  set: TableItem,
  remove: string[] = [],
): Promise<boolean> {
  const changed = await changeRecord(table, job, {
    set: { ...set, expiresAt: number(expiresAtSeconds(job, table.now())) },
    remove,
    condition: "#status = :running AND #leaseToken = :leaseToken",
    values: { ":running": text("running"), ":leaseToken": text(job.leaseToken) },
  });
  return changed !== null;
}

function withError(error: ErrorDescription): TableItem {
  return { error: text(errorText(error)) };
}
