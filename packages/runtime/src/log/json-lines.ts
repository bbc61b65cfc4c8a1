import { describeError } from "../errors/describe-error.js";
import { toSourceStack } from "../errors/source-stack.js";
import { type EventSourceLabel, type JobEvent, type LogLevel, onLifecycle } from "./lifecycle-events.js";
import { toLoggable } from "./redact.js";

/** As Lambda names them in its own JSON logs. Lambda Developer Guide, "Configuring JSON and plain text log formats". */
const LEVEL_NAMES: Record<LogLevel, string> = {
  trace: "TRACE",
  debug: "DEBUG",
  info: "INFO",
  log: "INFO",
  warn: "WARN",
  error: "ERROR",
};

/**
 * Writes what handlers log, and what fails, as one line of JSON each: for CloudWatch.
 *
 * @param write - takes a line with its newline
 * @param now - milliseconds since 1970
 * @returns a function that stops it
 */
export function logAsJson(write: (line: string) => void, now: () => number = Date.now): () => void {
  const line = (level: string, source: EventSourceLabel, fields: Record<string, unknown>) => {
    const { handler, requestId, queueName, jobId, attempt, traceId } = source;
    const label = queueName === null ? { handler: handler || null } : { queueName };
    const known = { requestId, ...label, jobId, attempt, traceId };
    const present = Object.entries(known).filter(([, value]) => value !== null);
    const entry = {
      timestamp: new Date(now()).toISOString(),
      level,
      ...Object.fromEntries(present),
      ...fields,
    };
    write(`${JSON.stringify(entry)}\n`);
  };
  // Lambda's runtime client writes what an invocation failed with to the console once more.
  const told = new WeakSet<object>();
  const tell = (error: unknown) => {
    if (typeof error === "object" && error !== null) told.add(error);
    return toFields([error]);
  };
  const isToldAgain = ([error, ...others]: unknown[], { requestId }: EventSourceLabel) =>
    requestId === null &&
    others.length === 0 &&
    typeof error === "object" &&
    error !== null &&
    told.has(error);
  const stops = [
    onLifecycle("log", ({ level, arguments: values, source }) => {
      if (!isToldAgain(values, source)) line(LEVEL_NAMES[level], source, toFields(values));
    }),
    onLifecycle("error", ({ error, source }) => line("ERROR", source, tell(error))),
    onLifecycle("jobFailed", ({ error, outcome, durationMs, ...event }) => {
      const end = outcome.kind === "given-up" ? "given up" : outcome.kind;
      const next =
        outcome.kind === "retry" ? `retry in ${outcome.delaySeconds} s` : `${end}: ${outcome.reason}`;
      const { message, error: described } = tell(error);
      const text = `${describeJob(event)} failed (${next}): ${message}`;
      const level = outcome.kind === "retry" ? "WARN" : "ERROR";
      line(level, event.source, { message: text, durationMs: Math.round(durationMs), error: described });
    }),
    onLifecycle("jobSkipped", ({ reason, source }) =>
      line("WARN", source, { message: `Skipped a run: ${reason}` }),
    ),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

function describeJob({
  queueName,
  job,
  attempt,
  maxAttempts,
}: Pick<JobEvent, "queueName" | "job" | "attempt" | "maxAttempts">): string {
  const what = queueName === null ? "Run" : job === "default" ? "Job" : `Job ${job}`;
  return `${what}, attempt ${attempt} of ${maxAttempts},`;
}

/** One object is logged as it is, so that its members can be queried; the first error gets a field of its own. */
function toFields(values: unknown[]): { message: unknown; error?: unknown } {
  const error = values.find(isError);
  const rest = values.filter((value) => value !== error).map((value) => toLoggable(value));
  const isObject = rest.length === 1 && typeof rest[0] === "object" && rest[0] !== null;
  const message = isObject ? rest[0] : formatValues(rest);
  if (!error) return { message };
  const described = toLoggable(describeError(error)) as { message: unknown };
  return { message: rest.length > 0 ? message : described.message, error: described };
}

/** A proxy may throw when it is asked what it is. */
function isError(value: unknown): boolean {
  try {
    return value instanceof Error;
  } catch {
    return false;
  }
}

/** As console.log does. Node's util is asked for here, since an ESM import of it costs each cold start a millisecond. */
function formatValues(values: unknown[]): string {
  const { formatWithOptions } = process.getBuiltinModule("node:util");
  return toSourceStack(formatWithOptions({ depth: 6, breakLength: Number.POSITIVE_INFINITY }, ...values));
}
