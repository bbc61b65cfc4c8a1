import type { Duration } from "../values/duration.js";

/** What a handler is told about its job, and how it says what became of it. */
export type JobMetadata = {
  jobId: string;
  queueName: string;
  /** "default", or the name of the exported function that the job runs. */
  job: string;
  /** The FIFO group, or the tenant of a standard queue's job; null without one. */
  groupId: string | null;
  /** The FIFO deduplication id; null on a standard queue. */
  dedupeId: string | null;
  /** Path parameters of the route that queued the job (`queue.http`). */
  params: Record<string, string | string[]>;
  queuedAt: Date;
  /** How often SQS has handed the message out; also counts throttling and jobs that came back unrun. */
  receivedCount: number;
  /** Which attempt this is, from 1. */
  attempt: number;
  /** After this attempt the job goes to the dead-letter queue. */
  maxAttempts: number;
  /** 20 digits, growing within a FIFO group; null on a standard queue. */
  sequenceNumber: string | null;
  /** The authenticated user on whose behalf the job was pushed. */
  user: { id: string } | null;
  tag: string | null;
  /** Aborts when the job's time is up and when its handler has ended. */
  readonly signal: AbortSignal;
  /** The job is done now, whatever follows. The first outcome wins, here and below. */
  ack(): void;
  /** This attempt failed: come back after the delay, or after the queue's backoff. */
  retry(options?: { delay?: Duration }): void;
  /** No more attempts: the job goes to the dead-letter queue. */
  fail(reason?: string | Error): void;
  /** Records how far the job has come. Rejects with `QR_NOT_TRACKED` unless the queue is tracked. */
  progress(value: unknown): Promise<void>;
};

/** One of the jobs that `batch` is given. */
export type BatchJob<P = unknown> = JobMetadata & { payload: P };

/** The default export, or a named job, of a file in queues/. */
export type QueueHandler<P = unknown, R = unknown> = (payload: P, metadata: JobMetadata) => R | Promise<R>;

/** `export function batch` of a file in queues/. */
export type QueueBatchHandler<P = unknown> = (
  jobs: BatchJob<P>[],
  context: { signal: AbortSignal },
) => unknown | Promise<unknown>;
