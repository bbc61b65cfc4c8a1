import type { InvocationScope, PushTracker, TraceContext } from "../context/invocation-scope.js";
import { newTrace, parseTraceparent, parseXRayHeader } from "../context/trace.js";
import type { EventSourceLabel } from "../log/lifecycle-events.js";
import { labelOfScope } from "../log/scope-label.js";
import type { HttpContext } from "./http-context.js";

/** What the code that answers a request belongs to. The trace is read when somebody asks for it. */
export class HttpScope implements InvocationScope {
  readonly kind = "http";
  readonly hops = 0;
  readonly job = null;
  readonly handler: string;
  readonly pushes: PushTracker;
  /** The client has been answered 504: what the handler does now is of no account. */
  hasTimedOut = false;
  private readonly request: HttpContext;
  private knownTrace: TraceContext | undefined;

  constructor(request: HttpContext, displayPath: string, pushes: PushTracker) {
    this.request = request;
    this.handler = `${request.method} ${displayPath}`;
    this.pushes = pushes;
  }

  get method(): string {
    return this.request.method;
  }

  get requestId(): string {
    return this.request.requestId;
  }

  get user(): { id: string } | null {
    const { user } = this.request;
    return user && { id: String(user.id) };
  }

  /** The span that the request is a child of. What a function URL adds by itself names a trace, and no span of it. */
  get incomingTrace(): TraceContext | null {
    const { headers } = this.request.event;
    const { xRayHeader } = this;
    return (
      parseTraceparent(headers.traceparent, headers.tracestate) ??
      (xRayHeader?.includes("Parent=") ? parseXRayHeader(xRayHeader) : null)
    );
  }

  private get xRayHeader(): string | undefined {
    return this.request.event.headers["x-amzn-trace-id"];
  }

  get trace(): TraceContext {
    this.knownTrace ??= this.incomingTrace ?? parseXRayHeader(this.xRayHeader) ?? newTrace();
    return this.knownTrace;
  }

  set trace(trace: TraceContext) {
    this.knownTrace = trace;
  }

  /** Where events of this request come from. */
  get source(): EventSourceLabel {
    return labelOfScope(this);
  }
}
