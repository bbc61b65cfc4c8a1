import { QueueRunError } from "@queue-run/runtime/errors";
import { nearestName } from "@queue-run/runtime/names";

/** @param names - of the schedules that there are */
export function scheduleNotFoundError(name: string, names: readonly string[]): QueueRunError {
  const nearest = nearestName(name, names);
  const known = names.length > 0 ? `There is ${names.join(", ")}.` : "The project has no schedules.";
  return new QueueRunError({
    code: "QR_SCHEDULE_NOT_FOUND",
    message: `There is no schedule "${name}" in this project.`,
    fix: nearest
      ? `Did you mean ${nearest}?`
      : `${known} Add schedules/${name}.ts, or name one that is there.`,
    details: { name, nearest },
  });
}

/** A run is under way, and runs of this schedule do not overlap. */
export function scheduleRunningError(name: string): QueueRunError {
  return new QueueRunError({
    code: "QR_SCHEDULE_RUNNING",
    message: `The schedule "${name}" was not run: the run before it goes on.`,
    fix: `Wait for its end, or let runs overlap: config = { overlap: "allow" } in schedules/${name}.ts.`,
  });
}

/** What the handler threw, which the terminal of the dev server shows with its stack. */
export function scheduleFailedError(
  name: string,
  { name: errorName, message, fix }: { name: string; message: string; fix: string | null },
): QueueRunError {
  return new QueueRunError({
    code: "QR_SCHEDULE_FAILED",
    message: `The run of the schedule "${name}" failed: ${errorName}: ${message}`,
    fix: fix ?? "The terminal of queue-run dev shows where.",
  });
}

/** @param why - without a full stop */
export function scheduleDiedError(name: string, why: string): QueueRunError {
  return new QueueRunError({
    code: "QR_SCHEDULE_FAILED",
    message: `The run of the schedule "${name}" failed: ${why}.`,
    fix: "The terminal of queue-run dev shows what came before.",
  });
}
