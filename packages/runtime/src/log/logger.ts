import {
  emitLifecycle,
  type LifecycleEvents,
  type LifecycleListener,
  onLifecycle,
} from "./lifecycle-events.js";

/**
 * What users listen with: `logger.on("jobFailed", ({ queueName, error }) => …)`. Logging itself is `console.*`.
 */
export const logger = {
  /**
   * Listens to one kind of event, in this process. A listener that throws changes nothing.
   *
   * @returns a function that stops listening
   */
  on<K extends keyof LifecycleEvents>(kind: K, listener: LifecycleListener<K>): () => void {
    return onLifecycle(kind, listener);
  },
  /** Tells every listener: to try listeners out, and for code that stands in for ours in tests. */
  emit<K extends keyof LifecycleEvents>(kind: K, event: LifecycleEvents[K]): void {
    emitLifecycle(kind, event);
  },
};
