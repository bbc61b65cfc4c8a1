import { unknownEvent } from "../errors/log-errors.js";
import { emitLifecycle, type LifecycleEvents, onLifecycle } from "./lifecycle-events.js";
import { callListener } from "./listener-call.js";

/** What listens to one kind of event. What it returns is waited for, see `logger.on`. */
export type LogListener<K extends keyof LifecycleEvents> = (event: LifecycleEvents[K]) => unknown;

/** Every kind of event, for code without types. */
const KINDS: Record<keyof LifecycleEvents, true> = {
  log: true,
  error: true,
  request: true,
  response: true,
  jobStarted: true,
  jobFinished: true,
  jobFailed: true,
  jobReturned: true,
  jobDropped: true,
  jobSkipped: true,
};

/**
 * What users listen with: `logger.on("jobFailed", ({ queueName, error }) => …)`. Logging itself is `console.*`.
 */
export const logger = {
  /**
   * Listens to one kind of event, in this process: in index.ts, to all that its function does. Nothing that a listener
   * does changes what happens: one that throws or rejects is logged. What it does asynchronously, its pushes too, is
   * waited for at the end of the invocation, 2 seconds at most. What it logs and does is not told to listeners.
   *
   * @returns a function that stops listening
   * @throws QueueRunError `QR_UNKNOWN_EVENT`
   */
  on<K extends keyof LifecycleEvents>(kind: K, listener: LogListener<K>): () => void {
    if (!Object.hasOwn(KINDS, kind)) throw unknownEvent(kind, Object.keys(KINDS));
    if (typeof listener !== "function") throw new TypeError("logger.on needs a function to call.");
    return onLifecycle(kind, (event, scope) => callListener(kind, () => listener(event), scope), {
      isUsers: true,
    });
  },
  /** Tells every listener: to try listeners out, and for code that stands in for ours in tests. */
  emit<K extends keyof LifecycleEvents>(kind: K, event: LifecycleEvents[K]): void {
    emitLifecycle(kind, event);
  },
};
