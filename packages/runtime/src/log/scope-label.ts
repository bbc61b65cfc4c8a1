import type { InvocationScope } from "../context/invocation-scope.js";
import type { EventSourceLabel } from "./lifecycle-events.js";

/** @returns the label of what is said or done within a scope; nulls outside of any */
export function labelOfScope(scope: InvocationScope | null): EventSourceLabel {
  return {
    handler: scope?.handler ?? "",
    requestId: scope?.requestId ?? null,
    queueName: scope?.job?.queueName ?? null,
    jobId: scope?.job?.jobId ?? null,
    attempt: scope?.job?.attempt ?? null,
    traceId: scope?.trace?.traceId ?? null,
  };
}
