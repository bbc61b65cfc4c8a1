import type { TraceContext } from "../context/invocation-scope.js";
import type { PushRequest } from "../queue/pusher.js";
import { currentTracer } from "./tracer.js";

/**
 * Sends, with a span around it where there is somebody to make one.
 *
 * @param send - is given the trace that the messages carry on: the span's, else that of the code that pushes
 * @throws what `send` throws, or rejects with it
 */
export function withPushSpan<T>(
  { reference, items, options, scope }: PushRequest,
  send: (trace: TraceContext | null) => Promise<T>,
): Promise<T> {
  const trace = scope?.trace ?? null;
  const tracer = currentTracer();
  if (!tracer) return send(trace);
  const queueName = reference.queueName ?? "";
  const job = options.job ?? reference.options.job ?? "default";
  const span = tracer.push({ queueName, job, messages: items.length, trace });
  if (!span) return send(trace);
  try {
    const sending = span.run(() => send(span.trace));
    sending.then(
      () => span.end(null),
      (error) => span.end(error),
    );
    return sending;
  } catch (error) {
    span.end(error);
    throw error;
  }
}
