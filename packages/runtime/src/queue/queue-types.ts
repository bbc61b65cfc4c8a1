import type { HttpReply } from "../http/reply.js";
import type { QueueHandler } from "../job/job-metadata.js";
import type { PushOptions } from "./push-options.js";

declare global {
  /**
   * The project's queues by name, filled by the declarations that `queue-run types` writes:
   * `interface QueueRunQueues { emails: { payload: Email; result: void; fifo: false } }`. It is global because a
   * declaration merges with an interface only where that is declared, and a project can always reach what is global,
   * however its package manager lays out packages.
   */
  interface QueueRunQueues {}
}

/** The project's queues by name. Empty without the generated declarations, and then every name is allowed. */
export interface QueueTypes extends QueueRunQueues {}

/** What `queue.cancel` is told to cancel: a tag, or one job. */
type CancelTarget = string | { jobId: string };

/** Where a job is. Times are ISO 8601, or null. */
export type JobStatus<R = unknown> = {
  jobId: string;
  queueName: string;
  job: string;
  status: "pending" | "running" | "completed" | "failed" | "cancelled" | "expired";
  attempt: number;
  maxAttempts: number;
  tag: string | null;
  progress: unknown;
  createdAt: string;
  dueAt: string | null;
  startedAt: string | null;
  completedAt: string | null;
  result: R | null;
  error: { name: string; message: string; stack: string | null } | null;
};

/** A route's handler, made by a queue. */
type QueueRouteHandler = (request: never) => Promise<HttpReply>;

/** `push()` sends null, where the payload may be that. */
type PushArguments<P, O> = null extends P
  ? [payload?: P, options?: O]
  : undefined extends P
    ? [payload?: P, options?: O]
    : [payload: P, options?: O];

type Delay = NonNullable<PushOptions["delay"]>;

/** What can be said of one push to a standard queue. */
type StandardPushOptions = Omit<PushOptions, "dedupe">;

/** What can be said of one push to a FIFO queue whose reference has no group. */
type FifoPushOptions = PushOptions & { group: string | number };

interface QueueCommon<P, R> {
  /** The file's name: "emails", "update_profile.fifo". */
  readonly name: string;
  readonly fifo: boolean;
  /** @returns the queue's name */
  toString(): string;
  /** A route that pushes what it is sent: `export const post = queue.http`. */
  readonly http: QueueRouteHandler;
  /** A route that answers with a job's status: `export const get = queue.statusHttp`. */
  readonly statusHttp: QueueRouteHandler;
  /** Types a handler of this queue; returns it as it is. */
  handler<F extends QueueHandler<P, R>>(handler: F): F;
  /** Cancels what has not started: jobs with a tag, or one job. */
  cancel(target: CancelTarget): Promise<{ cancelled: number }>;
  /** Where a job is; null when there is no such job. */
  status(jobId: string): Promise<JobStatus<R> | null>;
  /** The handler's return value; rejects when the job failed, or in time. */
  result(jobId: string, options?: { timeout?: Delay }): Promise<R>;
}

/** A standard queue. Each call of the chain returns a new reference, and changes nothing. */
export interface Queue<P = unknown, R = unknown> extends QueueCommon<P, R> {
  /** Pushes its first argument and ignores others: `items.map(queue)`. */
  (payload: P): Promise<string>;
  /** @returns the job's id */
  push(...payloadAndOptions: PushArguments<P, StandardPushOptions>): Promise<string>;
  /** @returns the jobs' ids, in order */
  pushAll(payloads: Iterable<P>, options?: StandardPushOptions): Promise<string[]>;
  /** The tenant, for SQS fair queues. */
  group(group: string | number): Queue<P, R>;
  delay(delay: Delay): Queue<P, R>;
  at(at: Date | string): Queue<P, R>;
  tag(tag: string): Queue<P, R>;
  job(job: string): Queue<P, R>;
}

/** A FIFO queue. A push needs a group: of the chain (`group` returns a reference that has one) or of the call. */
export interface FifoQueue<P = unknown, R = unknown> extends QueueCommon<P, R> {
  /** @returns the job's id */
  push(payload: P, options: FifoPushOptions): Promise<string>;
  /** @returns the jobs' ids, in order */
  pushAll(payloads: Iterable<P>, options: FifoPushOptions): Promise<string[]>;
  /** Jobs of one group run one after another. */
  group(group: string | number): GroupedQueue<P, R>;
  /** Pushes of a group with one id within five minutes are one job. `false` turns that off. */
  dedupe(id: string | number | false): FifoQueue<P, R>;
  delay(delay: Delay): FifoQueue<P, R>;
  at(at: Date | string): FifoQueue<P, R>;
  tag(tag: string): FifoQueue<P, R>;
  job(job: string): FifoQueue<P, R>;
}

/** A FIFO queue with a group; or a queue by a name that nothing is known of, which may be told everything. */
export interface GroupedQueue<P = unknown, R = unknown> extends QueueCommon<P, R> {
  /** Pushes its first argument and ignores others: `items.map(queue)`. */
  (payload: P): Promise<string>;
  /** @returns the job's id */
  push(...payloadAndOptions: PushArguments<P, PushOptions>): Promise<string>;
  /** @returns the jobs' ids, in order */
  pushAll(payloads: Iterable<P>, options?: PushOptions): Promise<string[]>;
  group(group: string | number): GroupedQueue<P, R>;
  /** Pushes of a group with one id within five minutes are one job. `false` turns that off. */
  dedupe(id: string | number | false): GroupedQueue<P, R>;
  delay(delay: Delay): GroupedQueue<P, R>;
  at(at: Date | string): GroupedQueue<P, R>;
  tag(tag: string): GroupedQueue<P, R>;
  job(job: string): GroupedQueue<P, R>;
}

/** Names that can be written: all of them while none are known. */
export type NameOfQueue = keyof QueueTypes extends never ? string : keyof QueueTypes & string;

/** The reference that a name stands for. */
export type QueueNamed<N extends string> = N extends keyof QueueTypes
  ? QueueTypes[N] extends { payload: infer P; result?: infer R; fifo: infer F }
    ? F extends true
      ? FifoQueue<P, R>
      : Queue<P, R>
    : Queue<unknown, unknown>
  : N extends `${string}.fifo`
    ? FifoQueue<unknown, unknown>
    : Queue<unknown, unknown>;
