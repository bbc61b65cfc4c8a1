import type { ErrorDescription } from "../errors/describe-error.js";

/** Which job's record. */
export type RecordKey = { queueName: string; jobId: string };

export type RecordStatus = "pending" | "running" | "completed" | "failed" | "cancelled" | "expired";

/** A job's record, as it is read. Times are milliseconds since 1970. */
export type StoredRecord = RecordKey & {
  job: string;
  status: RecordStatus;
  /** Attempts that were started since it was last pushed, or retried as a dead letter. */
  attempt: number;
  maxAttempts: number;
  /** How often it came back from the dead-letter queue. */
  redrives: number;
  tag: string | null;
  groupId: string | null;
  userId: string | null;
  createdAtMs: number;
  /** Null: at once. */
  dueAtMs: number | null;
  /** When its latest attempt began. */
  startedAtMs: number | null;
  /** When it ended, in whichever way. */
  completedAtMs: number | null;
  progress: unknown;
  result: unknown;
  error: ErrorDescription | null;
  /** While it runs: until when nobody else may claim it. */
  leaseUntilMs: number | null;
};

/** What a push knows of its job, and a delivered message too. */
export type RecordedJob = RecordKey &
  Pick<
    StoredRecord,
    "job" | "maxAttempts" | "redrives" | "tag" | "groupId" | "userId" | "createdAtMs" | "dueAtMs"
  > & {
    /** The queue's retention: the record outlives its message. */
    retentionSeconds: number;
    /** Whether the queue has `limits.pending`: then there are pending entries. */
    isCounted: boolean;
  };

/** A job that is being pushed. */
export type PushedJob = RecordedJob & {
  /** Names this push: a repeated one, of the same job, has another. */
  pushId: string;
  /** Whether other pushes, of the same deduplication id, may write the record, too: then one that is there stays. */
  isShared: boolean;
};

/** A job whose turn has come. */
export type Claim = RecordedJob & {
  /** Names this attempt: only who has it may say what became of the attempt. */
  leaseToken: string;
  leaseUntilMs: number;
  /** `config.expires`; null: never. */
  expiresSeconds: number | null;
};

/** How a job can have ended. */
type EndStatus = Exclude<RecordStatus, "pending" | "running">;

/** What became of a claim. */
export type ClaimAnswer =
  /**
   * It is ours. `attempt` may be beyond `maxAttempts`: then the last attempt ended its process; or it failed of
   * `failedOf`, and the dead-letter queue did not take it.
   */
  | { kind: "claimed"; attempt: number; failedOf?: ErrorDescription }
  /** It has ended: a duplicate, or cancelled, or expired just now. Its message is to be deleted. */
  | { kind: "over"; status: EndStatus }
  /** Another delivery of it runs. Its message is to go back until then. */
  | { kind: "running"; leaseUntilMs: number };

/** A claimed job. */
export type HeldJob = Claim & { attempt: number };

/**
 * What running jobs asks of their records. Every call rejects when the table cannot be reached; `false` means that the lease
 * was lost: somebody else decides what becomes of the job, and this attempt's outcome does not count. A call that is made
 * again, because its answer was lost, answers as the first one would have.
 */
export interface JobRecords {
  claim(claim: Claim): Promise<ClaimAnswer>;
  /** @throws QR_INVALID_PROGRESS for what is no JSON, or too large */
  progress(job: HeldJob, value: unknown): Promise<boolean>;
  /** @param result - the handler's return value; over 256 KB it is recorded as "RESULT_TOO_LARGE" */
  complete(job: HeldJob, result: unknown): Promise<boolean>;
  /** It waits for its next attempt. */
  retry(job: HeldJob, error: ErrorDescription): Promise<boolean>;
  /** It is in the dead-letter queue. */
  fail(job: HeldJob, error: ErrorDescription): Promise<boolean>;
}

/** What pushing and asking about jobs needs of their records. Every call rejects when the table cannot be reached. */
export interface RecordBook {
  /**
   * Writes records, and the entries that lead to them, as pending.
   *
   * @param jobs - each id once
   * @returns for each whether this call has written it: a shared one may be there
   */
  create(jobs: PushedJob[]): Promise<boolean[]>;
  /** The send was refused. @returns false when the job has started all the same: its message arrived */
  takeBack(job: PushedJob): Promise<boolean>;
  read(key: RecordKey): Promise<StoredRecord | null>;
  /** @returns the record, where this call has cancelled it */
  cancelJob(key: RecordKey): Promise<StoredRecord | null>;
  /** @returns the jobs that this call has cancelled */
  cancelTag(queueName: string, tag: string): Promise<StoredRecord[]>;
  /** @returns by how many the pending jobs of a group exceed the limit, now or a moment ago; 0 when they do not */
  countBeyond(queueName: string, groupId: string | null, limit: number): Promise<number>;
  /** @returns the id of the first push of the last five minutes with this deduplication id: `jobId` itself where there was none */
  firstPush(push: RecordKey & { groupId: string; dedupeId: string }): Promise<string>;
  /** A dead letter's message went back under `redrives`: its job is pending again, unless it was claimed already. */
  redrive(job: RecordedJob): Promise<void>;
}
