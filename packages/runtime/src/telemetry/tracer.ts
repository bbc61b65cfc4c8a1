import type { TraceContext } from "../context/invocation-scope.js";
import type { JobRecord } from "../job/job-record.js";

/** Something that is timed and has a place in a trace. */
export type Span = {
  /** What it hands on, to pushes for one. */
  trace: TraceContext;
  /** Runs `body` so that what it starts is a child of this span. */
  run<T>(body: () => T): T;
  /**
   * Once.
   *
   * @param error - what it failed of; null: it succeeded
   */
  end(error: unknown, details?: Record<string, string | number>): void;
};

/** A request whose route is known. */
export type TracedRequest = {
  method: string;
  /** As it was sent. */
  path: string;
  /** "/orders/:id"; null: no route answers it. */
  route: string | null;
  headers: Readonly<Record<string, string | undefined>>;
  clientAddress: string;
  requestId: string;
  /** The trace that it came with, if any. */
  trace: TraceContext | null;
};

/** An event of a WebSocket's connection. */
export type TracedSocketEvent = {
  /** "connect", "message", "disconnect". */
  name: string;
  requestId: string;
  /** The trace that its handshake came with, or one of its own. */
  trace: TraceContext;
};

/** The jobs of one call of a handler. */
export type TracedJobs = {
  queueName: string;
  requestId: string;
  records: readonly JobRecord[];
  /** The trace that each was pushed in, in their order. */
  traces: readonly TraceContext[];
};

/** A run of a schedule. */
export type TracedRun = {
  name: string;
  cron: string;
  jobId: string;
  attempt: number;
  requestId: string;
  trace: TraceContext;
};

/** Messages that one call of `push` or `pushAll` sends. */
export type TracedPush = {
  queueName: string;
  job: string;
  messages: number;
  /** Of the code that pushes. */
  trace: TraceContext | null;
};

/** Who makes spans of what happens. Each answers null while nobody collects any. */
export type Tracer = {
  request(request: TracedRequest): Span | null;
  socket(event: TracedSocketEvent): Span | null;
  jobs(jobs: TracedJobs): Span | null;
  run(run: TracedRun): Span | null;
  push(push: TracedPush): Span | null;
};

let tracer: Tracer | null = null;

/** Sets who makes spans: where the project has OpenTelemetry, the first line of a function's entry point does. */
export function traceWith(given: Tracer | null): void {
  tracer = given;
}

/** @returns who makes spans; null in projects without OpenTelemetry */
export function currentTracer(): Tracer | null {
  return tracer;
}
