import { SQS_MAX_RETENTION_SECONDS } from "@queue-run/runtime/limits";
import {
  connectRecords,
  type RecordBook,
  type RecordedJob,
  type StoredRecord,
} from "@queue-run/runtime/records";
import { inParallel } from "../../in-parallel.js";
import type { DeadLetter } from "./dead-letter.js";
import { redrivesOfRetry } from "./retry-message.js";

const CALLS_AT_ONCE = 10;

/** What is asked of the records of jobs when their dead letters are retried. */
export type RetriedRecords = Pick<RecordBook, "read" | "redrive">;

/** Where a table is, and keys for it. */
type TableAddress = {
  name: string;
  region: string;
  /** Left out: the region's own, or what the environment names. */
  endpoint?: string;
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
};

/** @returns the records of a table, which may not be there: queues need not be tracked */
export function recordsOfTable({ name, region, endpoint, credentials }: TableAddress): RetriedRecords {
  const queueUrlPrefix = `https://sqs.${region}.amazonaws.com/`;
  return connectRecords({ sqs: { region, queueUrlPrefix, credentials }, table: { name, endpoint } });
}

/**
 * Makes the records of jobs whose dead letters were just sent back say that they wait again. A record that cannot be
 * reached is no failure: whoever claims the job puts it right; until then it says that the job has failed.
 */
export async function redriveRecords(
  records: RetriedRecords,
  queueName: string,
  letters: readonly DeadLetter[],
): Promise<void> {
  let isReachable = true;
  await inParallel(letters, CALLS_AT_ONCE, async (letter) => {
    if (!isReachable) return;
    try {
      const record = await records.read({ queueName, jobId: letter.jobId });
      if (record?.status === "failed") await records.redrive(toRedriven(record, letter));
    } catch {
      isReachable = false;
    }
  });
}

function toRedriven(record: StoredRecord, letter: DeadLetter): RecordedJob {
  return {
    ...record,
    redrives: redrivesOfRetry(letter),
    dueAtMs: null,
    // The queue's own settings are not known here: entries may say too much, and a record may be kept for longer.
    retentionSeconds: SQS_MAX_RETENTION_SECONDS,
    isCounted: true,
  };
}
