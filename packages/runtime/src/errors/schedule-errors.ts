import { QueueRunError } from "./queue-run-error.js";

/** A run took longer than the schedule's `timeout`. */
export function scheduleTimedOut(name: string, afterMs: number): QueueRunError {
  const error = new QueueRunError({
    code: "QR_SCHEDULE_TIMEOUT",
    message: `The schedule "${name}" did not finish within ${Math.round(afterMs / 100) / 10} s.`,
    fix: `Push the work to a queue, pass \`signal\` on to what it waits for, or raise \`config.timeout\` in schedules/${name}.ts (at most 890 s).`,
  });
  // Its stack would show where in queue-run the time was kept, and mislead.
  error.stack = `${error.name}: ${error.message}`;
  return error;
}

/** The default export turned out not to be a function. */
export function scheduleWithoutHandler(name: string): QueueRunError {
  return new QueueRunError({
    code: "QR_NOT_A_HANDLER",
    message: `The default export of schedules/${name} is not a function, so nothing can run.`,
    fix: "Export the function that a run calls: export default async function ({ scheduledAt }) { … }",
  });
}
