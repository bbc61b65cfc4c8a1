import { QueueRunError } from "@queue-run/runtime/errors";

export function invalidTimeSpan(span: unknown): QueueRunError {
  return new QueueRunError({
    code: "QR_INVALID_TIME_SPAN",
    message: `${shown(span)} is not a length of time that a clock can be moved by.`,
    fix: 'Give seconds, or a text with a unit: "90 minutes", "3 days", "1h", "250ms".',
  });
}

export function invalidTime(time: unknown): QueueRunError {
  return new QueueRunError({
    code: "QR_INVALID_TIME",
    message: `${shown(time)} is no time.`,
    fix: 'Give a Date, milliseconds since 1970, or a text in ISO 8601: "2027-01-04T04:00:00Z".',
  });
}

export function timeGoesBack(toMs: number, nowMs: number): QueueRunError {
  return new QueueRunError({
    code: "QR_TIME_GOES_BACK",
    message: `The project's clock is at ${isoOf(nowMs)}, and cannot go back to ${isoOf(toMs)}.`,
    fix: "Start another project for an earlier time: startProject({ now }).",
  });
}

export function projectStopped(because: "stopped" | "replaced"): QueueRunError {
  return new QueueRunError({
    code: "QR_TEST_PROJECT_STOPPED",
    message:
      because === "stopped"
        ? "This project was stopped: stop() was called."
        : "This project was stopped, because another was started in the same process.",
    fix: "Use one project at a time: start it in the test that uses it, or in beforeEach, and stop it in afterEach.",
  });
}

/** @param name - of the function that somebody has replaced */
export function timersAreFaked(name: string): QueueRunError {
  return new QueueRunError({
    code: "QR_TIMERS_ARE_FAKED",
    message: `${name} is a fake that never calls back by itself: nothing could be pushed, and no handler could end.`,
    fix: 'Fake no more than Date: vi.useFakeTimers({ toFake: ["Date"] }). Or fake nothing: startProject({ fakeDate: true }) has Date tell the project\'s time, which project.clock moves.',
  });
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}

function shown(value: unknown): string {
  return typeof value === "string" ? `"${value}"` : String(value);
}
