import type { ErrorDescription } from "../../errors/describe-error.js";
import type { Claim, ClaimAnswer, HeldJob, JobRecords } from "../../records/record-store.js";

type Row = {
  status: "pending" | "running" | "completed" | "failed" | "cancelled" | "expired";
  attempt: number;
  redrives: number;
  leaseToken: string | null;
  leaseUntilMs: number;
  progress?: unknown;
  result?: unknown;
  error?: ErrorDescription;
};

type Call = keyof JobRecords;

/** Records in memory, under the conditions of the design, and what a test does between a call and its write. */
export type FakeRecords = JobRecords & {
  rows: Map<string, Row>;
  /** Every call: "claim a", "complete a". Shared with a fake queue's to see the order of both. */
  calls: string[];
  /** Claims as they were made. */
  claims: Claim[];
  /** The table cannot be reached in calls of this kind: before it has written, or after (the answer is lost). */
  failing: Partial<Record<Call, { error: Error; written: boolean }>>;
  /** Happens when a call of this kind has been made, before it writes. */
  before: Partial<Record<Call, (jobId: string) => void | Promise<void>>>;
  /** @returns whether it is cancelled */
  cancel(jobId: string): boolean;
};

/** @param now - milliseconds since 1970 */
export function createFakeRecords(now: () => number): FakeRecords {
  const rows = new Map<string, Row>();
  const ours = ({ jobId, leaseToken }: HeldJob): Row | null => {
    const row = rows.get(jobId);
    return row?.leaseToken === leaseToken && row.status === "running" ? row : null;
  };
  const end = (job: HeldJob, change: Partial<Row>): boolean => {
    const row = ours(job);
    if (row) Object.assign(row, change);
    return row !== null;
  };
  async function perform<T>(call: Call, jobId: string, write: () => T): Promise<T> {
    fake.calls.push(`${call} ${jobId}`);
    await fake.before[call]?.(jobId);
    const failure = fake.failing[call];
    if (failure && !failure.written) throw failure.error;
    const answer = write();
    if (failure) throw failure.error;
    return answer;
  }
  const fake: FakeRecords = {
    rows,
    calls: [],
    claims: [],
    failing: {},
    before: {},
    claim: (claim) =>
      perform("claim", claim.jobId, () => {
        fake.claims.push(claim);
        return claimRow(rows, claim, now());
      }),
    progress: (job, progress) => perform("progress", job.jobId, () => end(job, { progress })),
    complete: (job, result) =>
      perform("complete", job.jobId, () => end(job, { status: "completed", result })),
    retry: (job, error) => perform("retry", job.jobId, () => end(job, { status: "pending", error })),
    fail: (job, error) => perform("fail", job.jobId, () => end(job, { status: "failed", error })),
    cancel(jobId) {
      const row = rows.get(jobId);
      if (row?.status !== "pending") return false;
      row.status = "cancelled";
      return true;
    },
  };
  return fake;
}

/** A record that was written by a push. */
export function pendingRow(change: Partial<Row> = {}): Row {
  return { status: "pending", attempt: 0, redrives: 0, leaseToken: null, leaseUntilMs: 0, ...change };
}

function claimRow(rows: Map<string, Row>, claim: Claim, now: number): ClaimAnswer {
  const { jobId, leaseToken, leaseUntilMs, redrives, createdAtMs, dueAtMs, expiresSeconds } = claim;
  const known = rows.get(jobId);
  const row = known && known.redrives >= redrives ? known : pendingRow({ redrives });
  if (row.status === "running" && row.leaseUntilMs >= now && row.leaseToken !== leaseToken)
    return { kind: "running", leaseUntilMs: row.leaseUntilMs };
  if (row.status !== "pending" && row.status !== "running") return { kind: "over", status: row.status };
  rows.set(jobId, row);
  const isLate = expiresSeconds !== null && now > (dueAtMs ?? createdAtMs) + expiresSeconds * 1_000;
  if (isLate && row.attempt === 0) {
    row.status = "expired";
    return { kind: "over", status: "expired" };
  }
  const failedOf = row.status === "pending" && row.attempt >= claim.maxAttempts ? row.error : undefined;
  Object.assign(row, { status: "running", attempt: row.attempt + 1, leaseToken, leaseUntilMs });
  return { kind: "claimed", attempt: row.attempt, ...(failedOf && { failedOf }) };
}
