import { onLifecycle } from "@queue-run/runtime/instance";
import { formatLog } from "./format-log.js";
import { toPortableError } from "./portable-error.js";
import type { WorkerEvent } from "./protocol.js";

/**
 * Collects what the runtime tells about its work, in a form that may be posted.
 *
 * Events of one turn of the event loop are handed over together: a job's start and end, and those of its neighbours in
 * the batch, cost one message.
 *
 * @param flush - called at the end of a turn in which there were events
 * @param colors - whether values that are logged are coloured
 * @returns `take`, which empties what is waiting, so that it can travel with another message; `wasTold`: whether this
 *   very error was the last that was told of
 */
export function forwardLifecycle(
  flush: () => void,
  colors: boolean,
): { take: () => WorkerEvent[]; wasTold: (error: unknown) => boolean } {
  let waiting: WorkerEvent[] = [];
  let scheduled = false;
  let lastError: unknown = null;
  const take = (): WorkerEvent[] => {
    const events = waiting;
    waiting = [];
    return events;
  };
  const add = (event: WorkerEvent): void => {
    waiting.push(event);
    if (scheduled) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      flush();
    });
  };

  onLifecycle("log", ({ level, arguments: values, source }) =>
    add({ kind: "log", level, text: formatLog(values, colors), source }),
  );
  onLifecycle("error", ({ error, source }) => {
    lastError = error;
    add({ kind: "error", error: toPortableError(error), source });
  });
  onLifecycle("response", (event) => add({ kind: "response", ...event }));
  onLifecycle("jobStarted", (event) => add({ kind: "jobStarted", ...event }));
  onLifecycle("jobFinished", (event) => add({ kind: "jobFinished", ...event }));
  onLifecycle("jobFailed", (event) =>
    add({ kind: "jobFailed", ...event, error: toPortableError(event.error) }),
  );
  onLifecycle("jobReturned", (event) => add({ kind: "jobReturned", ...event }));
  onLifecycle("jobSkipped", (event) => add({ kind: "jobSkipped", ...event }));
  onLifecycle("jobDropped", (event) => add({ kind: "jobDropped", ...event }));
  return { take, wasTold: (error) => error !== null && error === lastError };
}
