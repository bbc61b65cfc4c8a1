import {
  invalidResultTimeout,
  jobDidNotComplete,
  jobUnknown,
  resultTimeout,
} from "../errors/result-errors.js";
import { durationInSeconds } from "../values/duration.js";
import { readRecord, toJobStatus } from "./job-status.js";
import type { StoredRecord } from "./record-store.js";

const DEFAULT_TIMEOUT_SECONDS = 30;
/** Between the first two looks; each wait is half as long again as the one before, up to the longest. */
const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 2_000;
const GROWTH = 1.5;

/** How time passes; tests bring their own. */
type Waiting = { now: () => number; sleep: (milliseconds: number) => Promise<void> };

const REAL_TIME: Waiting = {
  now: () => performance.now(),
  sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
};

/**
 * Looks at a job's record until the job has ended.
 *
 * @returns what its handler returned
 * @throws QR_JOB_UNKNOWN, QR_JOB_FAILED, QR_JOB_CANCELLED, QR_JOB_EXPIRED, QR_RESULT_TIMEOUT, QR_INVALID_TIMEOUT,
 *   QR_NOT_TRACKED, QR_RECORDS_UNREACHABLE
 */
export async function awaitResult(
  queueName: string,
  jobId: string,
  { timeout }: { timeout?: unknown } = {},
  { now, sleep }: Waiting = REAL_TIME,
): Promise<unknown> {
  const seconds = timeout === undefined ? DEFAULT_TIMEOUT_SECONDS : durationInSeconds(timeout);
  if (seconds === null) throw invalidResultTimeout(queueName, timeout);
  const untilMs = now() + seconds * 1_000;
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * GROWTH, LONGEST_WAIT_MS)) {
    const record = await readRecord(queueName, jobId, "A job's result");
    if (!record) throw jobUnknown(queueName, jobId);
    if (record.status === "completed") return record.result;
    refuseEnded(record);
    const leftMs = untilMs - now();
    if (leftMs <= 0) throw resultTimeout(queueName, jobId, seconds, record.status);
    await sleep(Math.min(waitMs, leftMs));
  }
}

function refuseEnded(record: StoredRecord): void {
  const { status, error } = record;
  if (status === "failed" || status === "cancelled" || status === "expired")
    throw jobDidNotComplete(status, toJobStatus(record), error);
}
