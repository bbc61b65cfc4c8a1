import type { InvocationScope, PushTracker, TraceContext } from "../context/invocation-scope.js";
import { newTrace, parseTraceparent, parseXRayHeader, traceOfMessageId } from "../context/trace.js";
import type { QueueFunction } from "../lambda/functions.js";
import type { EventSourceLabel, JobEvent } from "../log/lifecycle-events.js";
import { createPushTracker } from "../queue/push-tracker.js";
import type { JobRecord } from "./job-record.js";

/** The invocation that jobs run in. */
type Invocation = { fn: QueueFunction; requestId: string };

/**
 * What the code of a job, or of a call of `batch`, belongs to. A call of `batch` has the user that all its jobs share,
 * the first one's trace, and the longest chain of them. What a handler never asks for is never made.
 */
export class JobScope implements InvocationScope {
  readonly kind = "queue";
  readonly #records: JobRecord[];
  readonly #invocation: Invocation;
  #pushes: PushTracker | null = null;
  #isClosed = false;
  #trace: TraceContext | null = null;

  constructor(records: JobRecord[], invocation: Invocation) {
    this.#records = records;
    this.#invocation = invocation;
  }

  get handler(): string {
    return this.#invocation.fn.name;
  }

  get requestId(): string {
    return this.#invocation.requestId;
  }

  get pushes(): PushTracker {
    if (!this.#pushes) {
      this.#pushes = createPushTracker({ maxPushes: this.#invocation.fn.settings.limits.pushes });
      if (this.#isClosed) this.#pushes.close();
    }
    return this.#pushes;
  }

  /** Whether there may be pushes to wait for. */
  get hasPushed(): boolean {
    return this.#pushes !== null;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** From now on pushes are refused. */
  close(): void {
    this.#isClosed = true;
    this.#pushes?.close();
  }

  get user(): { id: string } | null {
    const id = this.#records[0]?.envelope?.userId;
    return id && this.#records.every(({ envelope }) => envelope?.userId === id) ? { id } : null;
  }

  get hops(): number {
    return this.#records.reduce((longest, record) => Math.max(longest, hopsOf(record)), 1);
  }

  get job(): InvocationScope["job"] {
    const [only, ...others] = this.#records;
    if (!only || others.length > 0) return null;
    return { queueName: this.handler, jobId: only.jobId, job: only.job, attempt: only.attempt };
  }

  /** The trace that the job was pushed in, else one of its own. */
  get trace(): TraceContext {
    this.#trace ??= this.#records[0] ? traceOfRecord(this.#records[0]) : newTrace();
    return this.#trace;
  }

  set trace(trace: TraceContext) {
    this.#trace = trace;
  }
}

/** @returns how long the chain of jobs pushing jobs is that ends with this one, from 1 */
export function hopsOf(record: JobRecord): number {
  return record.envelope?.hops ?? 1;
}

/** @returns what logs and listeners are told of a job */
export function toJobEvent(record: JobRecord, queueName: string, requestId: string): JobEvent {
  const { jobId, job, groupId, attempt, maxAttempts } = record;
  const { traceId } = traceOfRecord(record);
  const source: EventSourceLabel = { handler: queueName, requestId, queueName, jobId, attempt, traceId };
  return { queueName, jobId, job, groupId, attempt, maxAttempts, source };
}

/** @returns the trace that a job was pushed in: ours, the one of attributes as others' libraries set them, else X-Ray's */
export function traceOfRecord({ envelope, message }: JobRecord): TraceContext {
  if (envelope?.trace) return envelope.trace;
  const { traceparent, tracestate } = message.messageAttributes ?? {};
  return (
    parseTraceparent(traceparent?.stringValue, tracestate?.stringValue) ??
    parseXRayHeader(message.attributes.AWSTraceHeader) ??
    traceOfMessageId(message.messageId)
  );
}
