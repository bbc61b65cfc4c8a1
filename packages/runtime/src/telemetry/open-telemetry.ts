import type { TraceContext } from "../context/invocation-scope.js";
import { spansNotSent } from "../errors/log-errors.js";
import { addEnding } from "../log/final-work.js";
import { emitLifecycle } from "../log/lifecycle-events.js";
import { labelOfScope } from "../log/scope-label.js";
import {
  type Attributes,
  attributesOfJobs,
  attributesOfPush,
  attributesOfRequest,
  attributesOfRun,
  attributesOfSocketEvent,
  errorTypeOf,
} from "./span-attributes.js";
import { type Span, type Tracer, traceWith } from "./tracer.js";

/** What is used of `@opentelemetry/api` (1.x). It is the project's own copy: the runtime does not depend on it. */
export type OpenTelemetryApi<Context = unknown> = {
  trace: {
    getTracer(name: string): ApiTracer<Context>;
    getTracerProvider(): object;
    getSpan(context: Context): ApiSpan | undefined;
    setSpan(context: Context, span: ApiSpan): Context;
    setSpanContext(context: Context, spanContext: ApiSpanContext): Context;
  };
  context: {
    active(): Context;
    with<T>(context: Context, body: () => T): T;
  };
  createTraceState(text?: string): ApiTraceState;
};

type ApiTraceState = {
  get(key: string): string | undefined;
  set(key: string, value: string): ApiTraceState;
  unset(key: string): ApiTraceState;
  serialize(): string;
};

type ApiSpanContext = {
  traceId: string;
  spanId: string;
  traceFlags: number;
  isRemote?: boolean;
  traceState?: ApiTraceState;
};

type ApiSpan = {
  spanContext(): ApiSpanContext;
  setAttributes(attributes: Attributes): unknown;
  setStatus(status: { code: number; message?: string }): unknown;
  recordException(error: { name?: string; message: string; stack?: string }): unknown;
  end(): void;
};

type ApiTracer<Context> = {
  startSpan(
    name: string,
    options: { kind: number; attributes: Attributes; links?: { context: ApiSpanContext }[] },
    context: Context,
  ): ApiSpan;
};

/** The API's numbers (SpanKind, SpanStatusCode, TraceFlags, INVALID_TRACEID), which never change within 1.x. */
const KINDS = { internal: 0, server: 1, producer: 3, consumer: 4 };
const STATUS_ERROR = 2;
const SAMPLED = 1;
const INVALID_TRACE_ID = "0".repeat(32);

/** Begins to make spans with the project's OpenTelemetry: the first thing that an instance does. */
export function connectOpenTelemetry<Context>(api: OpenTelemetryApi<Context>): void {
  traceWith(openTelemetryTracer(api));
}

type NewSpan = {
  name: string;
  kind: keyof typeof KINDS;
  attributes: Attributes;
  /** The trace that it belongs to, where the code around it has no span. */
  parent: TraceContext | null;
  /** It belongs there in any case: what the code around it does is linked. */
  isParentFirst?: boolean;
  links?: readonly TraceContext[];
};

/**
 * Makes spans of requests, jobs, runs and pushes with the project's OpenTelemetry, by its semantic conventions. Whoever
 * set it up decides what becomes of them; until somebody has, nothing is made. On Lambda, spans are sent before the
 * process is frozen.
 *
 * @param api - the module `@opentelemetry/api` as the project's own code imports it
 */
export function openTelemetryTracer<Context>(api: OpenTelemetryApi<Context>): Tracer {
  const tracer = api.trace.getTracer("queue-run");

  function start({
    name,
    kind,
    attributes,
    parent,
    isParentFirst = false,
    links = [],
  }: NewSpan): Span | null {
    const active = api.context.active();
    const around = api.trace.getSpan(active);
    const isOfParent = parent !== null && (isParentFirst || !around);
    const within = isOfParent ? api.trace.setSpanContext(active, toSpanContext(parent)) : active;
    const linked = links.map((trace) => ({ context: toSpanContext(trace) }));
    if (around && isOfParent) linked.push({ context: around.spanContext() });
    const span = tracer.startSpan(name, { kind: KINDS[kind], attributes, links: linked }, within);
    const { traceId, spanId, traceFlags, traceState } = span.spanContext();
    if (traceId === INVALID_TRACE_ID) return null;
    const state = traceState?.serialize();
    return {
      trace: { traceId, spanId, sampled: (traceFlags & SAMPLED) === SAMPLED, ...(state && { state }) },
      run: (body) => api.context.with(api.trace.setSpan(within, span), body),
      end(error, details) {
        if (details) span.setAttributes(details);
        if (error !== null) fail(span, error);
        span.end();
        if (process.env.AWS_LAMBDA_FUNCTION_NAME !== undefined) addEnding(flush);
      },
    };
  }

  function toSpanContext({ traceId, spanId, sampled, state }: TraceContext): ApiSpanContext {
    const traceState = state === undefined ? {} : { traceState: api.createTraceState(state) };
    return { traceId, spanId, traceFlags: sampled ? SAMPLED : 0, isRemote: true, ...traceState };
  }

  /** Lambda freezes the process when it has answered: what waits to be sent would wait for the next event. */
  async function flush(): Promise<void> {
    const provider = api.trace.getTracerProvider() as FlushingProvider;
    try {
      await (provider.getDelegate?.() ?? provider).forceFlush?.();
    } catch (error) {
      emitLifecycle("error", { error: spansNotSent(error), source: labelOfScope(null) });
    }
  }

  return {
    request: (request) =>
      start({
        name: request.route === null ? request.method : `${request.method} ${request.route}`,
        kind: "server",
        attributes: attributesOfRequest(request),
        parent: request.trace,
      }),
    socket: (event) =>
      start({
        name: `socket ${event.name}`,
        kind: "server",
        attributes: attributesOfSocketEvent(event),
        parent: event.trace,
      }),
    jobs: (jobs) =>
      start({
        name: `process ${jobs.queueName}`,
        kind: "consumer",
        attributes: attributesOfJobs(jobs),
        parent: jobs.traces[0] ?? null,
        isParentFirst: true,
        links: jobs.traces.slice(1),
      }),
    run: (run) =>
      start({ name: run.name, kind: "internal", attributes: attributesOfRun(run), parent: run.trace }),
    push: (push) =>
      start({
        name: `send ${push.queueName}`,
        kind: "producer",
        attributes: attributesOfPush(push),
        parent: push.trace,
      }),
  };
}

/** The SDK's providers; the API's own stands before the one that was registered. */
type FlushingProvider = {
  getDelegate?: () => FlushingProvider;
  forceFlush?: () => Promise<void>;
};

function fail(span: ApiSpan, error: unknown): void {
  const type = errorTypeOf(error);
  span.setAttributes({ "error.type": type });
  if (typeof error === "object" && error !== null && "message" in error) {
    const message = String(error.message);
    const stack = "stack" in error && typeof error.stack === "string" ? { stack: error.stack } : {};
    span.recordException({ name: type, message, ...stack });
    span.setStatus({ code: STATUS_ERROR, message });
  } else span.setStatus({ code: STATUS_ERROR, message: String(error) });
}
