import type { InvocationScope, TraceContext } from "../context/invocation-scope.js";
import { currentTracer } from "./tracer.js";

/** What a push says of itself, as far as spans go. */
type Push = { queueName: string; job: string; messages: number; scope: InvocationScope | null };

/**
 * Sends, with a span around it where there is somebody to make one.
 *
 * @param send - is given the trace that the messages carry on: the span's, else that of the code that pushes
 */
export function withPushSpan<T>(push: Push, send: (trace: TraceContext | null) => Promise<T>): Promise<T> {
  const trace = push.scope?.trace ?? null;
  const span = currentTracer()?.push({ ...push, trace });
  if (!span) return send(trace);
  const sending = span.run(() => send(span.trace));
  sending.then(
    () => span.end(null),
    (error) => span.end(error),
  );
  return sending;
}
