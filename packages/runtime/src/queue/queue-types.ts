import type { HttpReply } from "../http/reply.js";
import type { QueueHandler } from "../job/job-metadata.js";
import type { PushOptions } from "./push-options.js";

declare global {
  /**
   * The project's queues by name, filled by the declarations that `queue-run types` writes:
   * `interface QueueRunQueues { emails: { payload: Email; result: void; fifo: false; jobs: {} } }`. It is global because
   * a declaration merges with an interface only where that is declared, and a project can always reach what is global,
   * however its package manager lays out packages.
   */
  interface QueueRunQueues {}
}

/** The project's queues by name. Empty without the generated declarations, and then every name is allowed. */
export interface QueueTypes extends QueueRunQueues {}

/** What `queue.cancel` is told to cancel: a tag, or one job. */
export type CancelTarget = string | { jobId: string };

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

/**
 * What is known of a queue besides its payload, `E`: its `result`, its named `jobs`, and what its schema makes of a
 * payload (`handled`). It is a type of its own, and is
 * looked into only where a method asks for it, because a handler's return type may depend on its own queue: one that
 * ends with `return queues("pages").push(next)` in queues/pages.ts must not be asked for what it returns in order to
 * know what it returns.
 */
type ResultIn<E> = E extends { result: infer R } ? R : unknown;

/** What handlers are given of a payload `P`. */
type HandledIn<P, E> = E extends { handled: infer H } ? H : P;

/** The names of a queue's jobs; any text where they are not known. */
type JobName<E> = E extends { jobs: infer J } ? keyof J & string : string;

/** What a named job takes; anything where that is not known. */
type JobPayload<E, N extends string> = E extends { jobs: infer J }
  ? N extends keyof J
    ? J[N] extends { payload: infer P }
      ? P
      : unknown
    : never
  : unknown;

/** Options of a push of the default job; where jobs are not known, of any. */
type DefaultJob<E, O> = E extends { jobs: unknown } ? Omit<O, "job"> & { job?: undefined } : O;

interface QueueCommon<P, E> {
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
  handler<F extends QueueHandler<HandledIn<P, E>, ResultIn<E>>>(handler: F): F;
  /** Cancels what has not started: jobs with a tag, or one job. */
  cancel(target: CancelTarget): Promise<{ cancelled: number }>;
  /** Where a job is; null when there is no such job. */
  status(jobId: string): Promise<JobStatus<ResultIn<E>> | null>;
  /** The handler's return value; rejects when the job failed, or in time. */
  result(jobId: string, options?: { timeout?: Delay }): Promise<ResultIn<E>>;
}

/** `job` of a reference whose queue's jobs are known: their names, and what each takes. */
interface KnownJobs<J, Kind> {
  job<N extends keyof J & string>(
    job: N,
  ): J[N] extends { payload: infer P } ? ReferenceOfKind<Kind, P, J[N]> : never;
}

/** `job` of a reference whose queue's jobs are not known. */
interface AnyJob<Kind> {
  // biome-ignore lint/suspicious/noExplicitAny: a named job takes a payload of its own, which nothing is known of here; and a reference to known jobs stays one to unknown jobs
  job(job: string): ReferenceOfKind<Kind, any, unknown>;
}

/** Taken from a method, so that it is compared as one. */
type JobMethod<E, Kind> = E extends { jobs: infer J } ? KnownJobs<J, Kind>["job"] : AnyJob<Kind>["job"];

type ReferenceOfKind<Kind, P, E> = Kind extends "standard"
  ? StandardReference<P, E>
  : Kind extends "fifo"
    ? FifoReference<P, E>
    : GroupedReference<P, E>;

/** A standard queue of which `E` is known. */
export interface StandardReference<P, E> extends QueueCommon<P, E> {
  /** Pushes its first argument and ignores others: `items.map(queue)`. */
  (payload: P): Promise<string>;
  /** @returns the job's id */
  push(...payloadAndOptions: PushArguments<P, DefaultJob<E, StandardPushOptions>>): Promise<string>;
  push<N extends JobName<E>>(
    payload: JobPayload<E, N>,
    options: StandardPushOptions & { job: N },
  ): Promise<string>;
  /** @returns the jobs' ids, in order */
  pushAll(payloads: Iterable<P>, options?: DefaultJob<E, StandardPushOptions>): Promise<string[]>;
  pushAll<N extends JobName<E>>(
    payloads: Iterable<JobPayload<E, N>>,
    options: StandardPushOptions & { job: N },
  ): Promise<string[]>;
  /** The tenant, for SQS fair queues. */
  group(group: string | number): StandardReference<P, E>;
  delay(delay: Delay): StandardReference<P, E>;
  at(at: Date | string): StandardReference<P, E>;
  tag(tag: string): StandardReference<P, E>;
  /** Pushes run the file's export of that name. */
  readonly job: JobMethod<E, "standard">;
}

/** A FIFO queue of which `E` is known. */
export interface FifoReference<P, E> extends QueueCommon<P, E> {
  /** @returns the job's id */
  push(payload: P, options: DefaultJob<E, FifoPushOptions>): Promise<string>;
  push<N extends JobName<E>>(
    payload: JobPayload<E, N>,
    options: FifoPushOptions & { job: N },
  ): Promise<string>;
  /** @returns the jobs' ids, in order */
  pushAll(payloads: Iterable<P>, options: DefaultJob<E, FifoPushOptions>): Promise<string[]>;
  pushAll<N extends JobName<E>>(
    payloads: Iterable<JobPayload<E, N>>,
    options: FifoPushOptions & { job: N },
  ): Promise<string[]>;
  /** Jobs of one group run one after another. */
  group(group: string | number): GroupedReference<P, E>;
  /** Pushes of a group with one id within five minutes are one job. `false` turns that off. */
  dedupe(id: string | number | false): FifoReference<P, E>;
  delay(delay: Delay): FifoReference<P, E>;
  at(at: Date | string): FifoReference<P, E>;
  tag(tag: string): FifoReference<P, E>;
  /** Pushes run the file's export of that name. */
  readonly job: JobMethod<E, "fifo">;
}

/** What `GroupedQueue` is, where `E` is known of it. */
interface GroupedReference<P, E> extends QueueCommon<P, E> {
  /** Pushes its first argument and ignores others: `items.map(queue)`. */
  (payload: P): Promise<string>;
  /** @returns the job's id */
  push(...payloadAndOptions: PushArguments<P, DefaultJob<E, PushOptions>>): Promise<string>;
  push<N extends JobName<E>>(payload: JobPayload<E, N>, options: PushOptions & { job: N }): Promise<string>;
  /** @returns the jobs' ids, in order */
  pushAll(payloads: Iterable<P>, options?: DefaultJob<E, PushOptions>): Promise<string[]>;
  pushAll<N extends JobName<E>>(
    payloads: Iterable<JobPayload<E, N>>,
    options: PushOptions & { job: N },
  ): Promise<string[]>;
  group(group: string | number): GroupedReference<P, E>;
  /** Pushes of a group with one id within five minutes are one job. `false` turns that off. */
  dedupe(id: string | number | false): GroupedReference<P, E>;
  delay(delay: Delay): GroupedReference<P, E>;
  at(at: Date | string): GroupedReference<P, E>;
  tag(tag: string): GroupedReference<P, E>;
  /** Pushes run the file's export of that name. */
  readonly job: JobMethod<E, "grouped">;
}

/** A standard queue. Each call of the chain returns a new reference, and changes nothing. */
export type Queue<P = unknown, R = unknown> = StandardReference<P, { result: R }>;

/** A FIFO queue. A push needs a group: of the chain (`group` returns a reference that has one) or of the call. */
export type FifoQueue<P = unknown, R = unknown> = FifoReference<P, { result: R }>;

/** A FIFO queue with a group; or a queue by a name that nothing is known of, which may be told everything. */
export type GroupedQueue<P = unknown, R = unknown> = GroupedReference<P, { result: R }>;

/** Names that can be written: all of them while none are known. */
export type NameOfQueue = keyof QueueTypes extends never ? string : keyof QueueTypes & string;

/** The reference that a name stands for. */
export type QueueNamed<N extends string> = N extends keyof QueueTypes
  ? QueueTypes[N] extends { payload: infer P }
    ? QueueTypes[N] extends { fifo: true }
      ? FifoReference<P, QueueTypes[N]>
      : StandardReference<P, QueueTypes[N]>
    : Queue<unknown, unknown>
  : N extends `${string}.fifo`
    ? FifoQueue<unknown, unknown>
    : Queue<unknown, unknown>;
