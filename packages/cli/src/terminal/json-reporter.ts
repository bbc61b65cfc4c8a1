import { describeDeath } from "../dev/runner/outcome.js";
import { lineWriter } from "./line-writer.js";
import type { Reporter } from "./reporter.js";

/** Tells everything as lines of JSON, one object each, with `event` and `time` (ISO 8601). */
export function jsonReporter(stdout: { write(text: string): unknown }, now: () => number): Reporter {
  const out = lineWriter(stdout);
  const tell = (event: string, details: object): void =>
    out.write(`${JSON.stringify({ event, time: new Date(now()).toISOString(), ...details })}\n`);
  return {
    serving(manifest, { nextRunMs, ...addresses }) {
      const { name, routes, queues, schedules, socket } = manifest;
      tell("serving", {
        project: name,
        ...addresses,
        routes: routes.map(({ path, file, exports }) => ({ path, file, exports })),
        queues: queues.map(({ name: queue, fifo, file, jobs }) => ({ name: queue, fifo, file, jobs })),
        schedules: schedules.map(({ name: schedule, file, expression, settings }) => {
          const nextMs = nextRunMs(schedule);
          const nextRun = nextMs === null ? null : new Date(nextMs).toISOString();
          return { name: schedule, file, schedule: expression.text, timezone: settings.timezone, nextRun };
        }),
        socket: socket && { file: socket.file },
      });
    },
    ready: (url) => tell("ready", { message: `Dev server listening on ${url}`, url }),
    event: ({ kind, ...details }) => tell(kind, details),
    output: (handler, stream, text) => tell("output", { handler, stream, text }),
    batchFailed({ outcome, ...failure }) {
      const reason =
        outcome.kind === "died"
          ? describeDeath(outcome.cause)
          : outcome.kind === "failed"
            ? outcome.error
            : outcome;
      tell("batchFailed", { ...failure, reason });
    },
    runFailed({ outcome, ...failure }) {
      const reason = outcome.kind === "died" ? describeDeath(outcome.cause) : outcome;
      tell("runFailed", { ...failure, reason });
    },
    requestFailed(request, fault) {
      const reason =
        fault.kind === "died"
          ? describeDeath(fault.cause)
          : fault.kind === "failed"
            ? fault.error
            : fault.kind;
      tell("requestFailed", { ...request, reason });
    },
    reloaded: (files, durationMs) => tell("reloaded", { files, durationMs }),
    problems: (problems) => tell("problems", { problems }),
    warning: (message) => tell("warning", { message }),
    info: (message) => tell("info", { message }),
    flush: out.flush,
  };
}
