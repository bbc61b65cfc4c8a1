import type { PushTracker } from "../context/invocation-scope.js";
import { handlerEnded, tooManyPushes } from "../errors/handler-errors.js";

/**
 * Keeps the pushes of one run of a handler, so that its result counts only when they are sent.
 *
 * @param maxPushes - the handler's `limits.pushes`; null: no limit
 */
export function createPushTracker({ maxPushes = null }: { maxPushes?: number | null } = {}): PushTracker {
  const pending = new Set<Promise<void>>();
  const failures: { error: unknown; wasObserved: () => boolean }[] = [];
  let count = 0;
  let isClosed = false;

  return {
    get count() {
      return count;
    },
    add(push, wasObserved, { queueName = "", messages = 1 } = {}) {
      if (isClosed) throw handlerEnded(queueName);
      if (maxPushes !== null && count + messages > maxPushes) throw tooManyPushes(queueName, maxPushes);
      count += messages;
      const watched: Promise<void> = push.then(
        () => {
          pending.delete(watched);
        },
        (error: unknown) => {
          pending.delete(watched);
          failures.push({ error, wasObserved });
        },
      );
      pending.add(watched);
    },
    async settle() {
      while (pending.size > 0) await Promise.all(pending);
      const unobserved = failures.find(({ wasObserved }) => !wasObserved());
      if (unobserved) throw unobserved.error;
    },
    close() {
      isClosed = true;
    },
  };
}
