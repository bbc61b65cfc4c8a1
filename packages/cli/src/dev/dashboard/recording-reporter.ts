import type { Reporter } from "../../terminal/reporter.js";
import type { WorkerEvent } from "../worker/protocol.js";
import type { RecentEvents } from "./recent-events.js";

/** Characters of a line that are remembered: it may be a whole document. */
const MAX_TEXT_LENGTH = 10_000;

/** Tells a reporter everything, and remembers what happened while the project is served. */
export function recordingReporter(reporter: Reporter, recent: RecentEvents): Reporter {
  return {
    ...reporter,
    event(event) {
      const kept = shortened(event);
      recent.add((to) => to.event(kept));
      reporter.event(event);
    },
    output(handler, stream, text) {
      const kept = text.slice(0, MAX_TEXT_LENGTH);
      recent.add((to) => to.output(handler, stream, kept));
      reporter.output(handler, stream, text);
    },
    batchFailed(failure) {
      recent.add((to) => to.batchFailed(failure));
      reporter.batchFailed(failure);
    },
    runFailed(failure) {
      recent.add((to) => to.runFailed(failure));
      reporter.runFailed(failure);
    },
    requestFailed(request, fault) {
      recent.add((to) => to.requestFailed(request, fault));
      reporter.requestFailed(request, fault);
    },
    reloaded(files, durationMs) {
      recent.add((to) => to.reloaded(files, durationMs));
      reporter.reloaded(files, durationMs);
    },
    problems(problems) {
      recent.add((to) => to.problems(problems));
      reporter.problems(problems);
    },
    warning(message) {
      recent.add((to) => to.warning(message));
      reporter.warning(message);
    },
  };
}

function shortened(event: WorkerEvent): WorkerEvent {
  return event.kind === "log" && event.text.length > MAX_TEXT_LENGTH
    ? { ...event, text: event.text.slice(0, MAX_TEXT_LENGTH) }
    : event;
}
