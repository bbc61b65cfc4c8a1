import { QueueRunError } from "./queue-run-error.js";

/** A push after its handler's result was already decided. */
export function handlerEnded(queueName: string): QueueRunError {
  return new QueueRunError({
    code: "QR_HANDLER_ENDED",
    message: `A push to ${JSON.stringify(queueName)} was made after its handler had ended, so nothing would wait for it`,
    fix: "Await the work that pushes before the handler returns",
  });
}

/** `metadata.progress()` after its handler's result was already decided. */
export function progressAfterEnd(queueName: string): QueueRunError {
  return new QueueRunError({
    code: "QR_HANDLER_ENDED",
    message: `metadata.progress() of a job of ${JSON.stringify(queueName)} was called after its handler had ended`,
    fix: "Await the work that reports progress before the handler returns",
  });
}

/** One run of a handler has pushed more than its `limits.pushes`. */
export function tooManyPushes(queueName: string, limit: number): QueueRunError {
  return new QueueRunError({
    code: "QR_TOO_MANY_PUSHES",
    message: `A push to ${JSON.stringify(queueName)} exceeds the ${limit} pushes that one run of this handler may make`,
    fix: "Push fewer jobs in a run, or raise limits.pushes in the handler's config",
    details: { limit },
  });
}
