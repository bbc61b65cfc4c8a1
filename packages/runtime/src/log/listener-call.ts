import { type InvocationScope, runInScope } from "../context/invocation-scope.js";
import { listenerFailed } from "../errors/log-errors.js";
import { createPushTracker } from "../queue/push-tracker.js";
import { addFinalWork } from "./final-work.js";
import { emitLifecycle, type LifecycleEvents } from "./lifecycle-events.js";
import { labelOfScope } from "./scope-label.js";

/**
 * Calls a listener of the user's, in a scope of its own: it has the user, the trace and the hops of what it is told of,
 * while its pushes are no business of the handler. A failure, of a push too, is told to our own logs alone.
 *
 * @param of - what the event belongs to; null: to nothing
 */
export function callListener(
  kind: keyof LifecycleEvents,
  listener: () => unknown,
  of: InvocationScope | null,
): void {
  const scope: InvocationScope = {
    kind: of?.kind ?? "script",
    handler: of?.handler ?? "",
    requestId: of?.requestId ?? "",
    user: of?.user ?? null,
    trace: of?.trace ?? null,
    hops: of?.hops ?? 0,
    job: of?.job ?? null,
    pushes: createPushTracker(),
    isListener: true,
  };
  const failed = (error: unknown): void => {
    const event = { error: listenerFailed(kind, error), source: labelOfScope(of) };
    runInScope(scope, () => emitLifecycle("error", event));
  };
  try {
    const result = runInScope(scope, listener);
    if (isThenable(result) || scope.pushes.count > 0)
      addFinalWork(
        Promise.resolve(result).then(() => scope.pushes.settle()),
        failed,
      );
  } catch (error) {
    failed(error);
  }
}

function isThenable(value: unknown): boolean {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
