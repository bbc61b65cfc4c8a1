import { progressAfterEnd } from "../errors/handler-errors.js";
import { jobFailed, parseRetryDelay, retryRequested } from "../errors/job-errors.js";
import { type Observation, PushPromise } from "../queue/push-promise.js";
import type { JobMetadata } from "./job-metadata.js";
import type { JobRecord } from "./job-record.js";
import type { JobScope } from "./job-scope.js";
import { DONE, type Verdict } from "./verdict.js";

/** The call that a job runs in, as far as the job's handler can reach it: what it pushes belongs to it. */
export type ControllingCall = JobScope & {
  readonly signal: AbortSignal;
  /** Makes what the handler controls its job with; once for each job. */
  control(record: JobRecord): JobControl;
  /** `ack()` is the job's outcome. */
  acked(control: JobControl): void;
  /** Records how far a job has come; rejects where that is not possible. */
  progress(record: JobRecord, value: unknown): Promise<void>;
};

/** A job while it runs: what its handler has said of it so far. The first outcome wins, and its call's end is one. */
export class JobControl {
  readonly record: JobRecord;
  readonly call: ControllingCall;
  verdict: Verdict | null = null;
  /** Resolves when everything pushed before `ack()` has been sent, or has failed; null without an `ack()`. */
  ackSent: Promise<void> | null = null;
  /** What that came to: done, or a retry because a push failed. Null: not known yet. */
  ackVerdict: Verdict | null = null;

  constructor(record: JobRecord, call: ControllingCall) {
    this.record = record;
    this.call = call;
  }

  ack(): void {
    if (this.#isDecided) return;
    this.verdict = DONE;
    this.call.acked(this);
  }

  retry(options: { delay?: unknown } | undefined): void {
    const delay = options?.delay;
    const delaySeconds = delay === undefined ? null : parseRetryDelay(delay);
    if (!this.#isDecided) this.verdict = { kind: "retry", error: retryRequested(), delaySeconds };
  }

  fail(reason: unknown): void {
    if (!this.#isDecided) this.verdict = { kind: "fail", error: jobFailed(reason) };
  }

  /** An `ack()` after the time was up must not delete what is on its way to the dead-letter queue. */
  get #isDecided(): boolean {
    return this.verdict !== null || this.call.isClosed;
  }

  progress(value: unknown): Promise<void> {
    const { call, record } = this;
    const observation: Observation = { observed: false };
    // What is done has come all the way, and says so already.
    if (this.verdict?.kind === "done") return PushPromise.from(Promise.resolve(), observation);
    const recorded = call.isClosed
      ? Promise.reject(progressAfterEnd(call.handler))
      : call.progress(record, value);
    // Where nobody awaits it, the handler fails of it, as of a push: it is never an unhandled rejection.
    if (!call.isClosed) call.pushes.add(recorded, () => observation.observed, { messages: 0 });
    return PushPromise.from<void>(recorded, observation);
  }
}

/**
 * A job's metadata, made when the handler first looks at it: most handlers never do, and it has twenty members.
 *
 * @param extra - members besides those of the metadata: the payload, for `batch`
 */
export function createJobMetadata(
  call: ControllingCall,
  record: JobRecord,
  extra?: { payload: unknown },
): JobMetadata {
  return new Proxy(new LazyMetadata(call, record, extra), MAKE_FIRST) as unknown as JobMetadata;
}

class LazyMetadata {
  /** Null when the members are there. */
  #call: ControllingCall | null;
  readonly #record: JobRecord;
  readonly #extra: object | undefined;

  constructor(call: ControllingCall, record: JobRecord, extra: object | undefined) {
    this.#call = call;
    this.#record = record;
    this.#extra = extra;
  }

  /** Defines the members, once. */
  static make(metadata: LazyMetadata): LazyMetadata {
    const call = metadata.#call;
    if (!call) return metadata;
    metadata.#call = null;
    return Object.defineProperties(metadata, {
      ...Object.getOwnPropertyDescriptors(metadata.#extra ?? {}),
      ...Object.getOwnPropertyDescriptors(membersOf(call.control(metadata.#record))),
    });
  }

  /** Node's inspector looks behind the proxy, but calls this on the proxy: reading the members makes them. */
  [Symbol.for("nodejs.util.inspect.custom")](): object {
    return { ...this };
  }
}

const MAKE_FIRST: ProxyHandler<LazyMetadata> = {
  get: (target, key) => Reflect.get(LazyMetadata.make(target), key),
  set: (target, key, value) => Reflect.set(LazyMetadata.make(target), key, value),
  has: (target, key) => Reflect.has(LazyMetadata.make(target), key),
  ownKeys: (target) => Reflect.ownKeys(LazyMetadata.make(target)),
  getOwnPropertyDescriptor: (target, key) => Reflect.getOwnPropertyDescriptor(LazyMetadata.make(target), key),
  defineProperty: (target, key, property) => Reflect.defineProperty(LazyMetadata.make(target), key, property),
  deleteProperty: (target, key) => Reflect.deleteProperty(LazyMetadata.make(target), key),
};

function membersOf(control: JobControl): JobMetadata {
  const { record, call } = control;
  const { envelope, message } = record;
  const { attributes } = message;
  return {
    jobId: record.jobId,
    queueName: call.handler,
    job: record.job,
    groupId: record.groupId,
    dedupeId: envelope?.dedupeId ?? attributes.MessageDeduplicationId ?? null,
    params: Object.assign(Object.create(null), envelope?.params),
    queuedAt: new Date(Number(attributes.SentTimestamp)),
    receivedCount: record.receivedCount,
    attempt: record.attempt,
    maxAttempts: record.maxAttempts,
    sequenceNumber: attributes.SequenceNumber ?? null,
    user: envelope?.userId ? { id: envelope.userId } : null,
    tag: envelope?.tag ?? null,
    get signal() {
      return call.signal;
    },
    ack: () => control.ack(),
    retry: (options) => control.retry(options),
    fail: (reason) => control.fail(reason),
    progress: (value) => control.progress(value),
  };
}
