import type { InvocationScope, PushTracker, TraceContext } from "../context/invocation-scope.js";
import { childSpan, newTrace, parseXRayHeader } from "../context/trace.js";
import type { EventSourceLabel, JobEvent } from "../log/lifecycle-events.js";
import type { JobRecord } from "./job-record.js";

/**
 * What the code of a job, or of a call of `batch`, belongs to. A call of `batch` has the user that all its jobs share,
 * the first one's trace, and the longest chain of them.
 */
export class JobScope implements InvocationScope {
  readonly kind = "queue";
  readonly handler: string;
  readonly requestId: string;
  readonly pushes: PushTracker;
  readonly user: { id: string } | null;
  readonly hops: number;
  readonly job: InvocationScope["job"];
  readonly #first: JobRecord | undefined;
  #trace: TraceContext | null = null;

  constructor(records: JobRecord[], queueName: string, requestId: string, pushes: PushTracker) {
    const [first] = records;
    this.#first = first;
    this.handler = queueName;
    this.requestId = requestId;
    this.pushes = pushes;
    this.user = commonUser(records);
    this.hops = records.length === 1 ? hopsOf(first) : Math.max(...records.map(hopsOf));
    this.job =
      first && records.length === 1
        ? { queueName, jobId: first.jobId, job: first.job, attempt: first.attempt }
        : null;
  }

  /** A span of the trace that the job was pushed in, else a trace of its own: made when somebody asks for it. */
  get trace(): TraceContext {
    if (!this.#trace) {
      const pushedIn =
        this.#first?.envelope?.trace ?? parseXRayHeader(this.#first?.message.attributes.AWSTraceHeader);
      this.#trace = pushedIn ? childSpan(pushedIn) : newTrace();
    }
    return this.#trace;
  }
}

/** @returns how long the chain of jobs pushing jobs is that ends with this one, from 1 */
export function hopsOf(record: JobRecord | undefined): number {
  return record?.envelope?.hops ?? 1;
}

function commonUser(records: JobRecord[]): { id: string } | null {
  const id = records[0]?.envelope?.userId;
  return id && records.every(({ envelope }) => envelope?.userId === id) ? { id } : null;
}

/** @returns what logs and listeners are told of a job */
export function toJobEvent(record: JobRecord, queueName: string, requestId: string): JobEvent {
  const { jobId, job, groupId, attempt, maxAttempts, envelope, message } = record;
  const trace = envelope?.trace ?? parseXRayHeader(message.attributes.AWSTraceHeader);
  const source: EventSourceLabel = {
    handler: queueName,
    requestId,
    queueName,
    jobId,
    attempt,
    traceId: trace?.traceId ?? null,
  };
  return { queueName, jobId, job, groupId, attempt, maxAttempts, source };
}
