import { QueueRunError } from "./queue-run-error.js";

/** `logger.on` was given the name of no event. */
export function unknownEvent(kind: unknown, kinds: string[]): QueueRunError {
  return new QueueRunError({
    code: "QR_UNKNOWN_EVENT",
    message: `logger.on was asked for the event ${JSON.stringify(kind) ?? String(kind)}, which is never told.`,
    fix: `Listen to one of these: ${kinds.join(", ")}.`,
  });
}

/** A listener threw, rejected, or pushed something that could not be sent. */
export function listenerFailed(kind: string, cause: unknown): QueueRunError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new QueueRunError({
    code: "QR_LISTENER_FAILED",
    message: `A listener of logger.on("${kind}") failed: ${why}`,
    fix: "Nothing else has failed of it. Catch what can go wrong in the listener.",
    cause,
  });
}

/** OpenTelemetry's exporter failed while the invocation waited for it. */
export function spansNotSent(cause: unknown): QueueRunError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new QueueRunError({
    code: "QR_SPANS_NOT_SENT",
    message: `OpenTelemetry's spans could not be sent: ${why}`,
    fix: "See where its exporter sends them, and whether the function can reach that.",
    cause,
  });
}

/** What a listener began had not ended when the invocation had to. */
export function workTooSlow(waitedMs: number): QueueRunError {
  return new QueueRunError({
    code: "QR_LISTENER_TOO_SLOW",
    message: `It was still at work ${Math.round(waitedMs)} ms after the end of the invocation, and is not waited for any longer.`,
    fix: "Give what it calls a shorter timeout, or push a job that does the work.",
  });
}
