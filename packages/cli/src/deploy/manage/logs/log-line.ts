import type { Colors } from "picocolors/types.js";
import { escapeControl } from "../../../terminal/escape-control.js";
import type { LogEvent } from "./follow-logs.js";

/** A line of a function's log, as it is shown. */
export type LogLine = {
  /** Milliseconds since 1970. */
  timestamp: number;
  /** "queue:emails" */
  functionId: string;
  /** "INFO", "ERROR"; "" where it is not known. */
  level: string;
  jobId: string | null;
  text: string;
  /** Of an error. */
  stack: string | null;
};

/** Lambda's own reports of invocations that went well say nothing that a developer looks for. */
const QUIET_STATUS = "success";

/**
 * Makes a line of what a function or Lambda itself wrote.
 *
 * @param all - with Lambda's own lines; otherwise only those that tell of something that went wrong
 * @returns null for a line that is not shown: metrics are lines too
 */
export function toLogLine(
  { timestamp, message }: LogEvent,
  functionId: string,
  all: boolean,
): LogLine | null {
  const line = { timestamp, functionId, level: "", jobId: null, stack: null };
  const entry = parseEntry(message);
  if (!entry) return { ...line, text: message.trimEnd() };
  if (isObject(entry._aws)) return null;
  if (typeof entry.type === "string" && entry.type.startsWith("platform."))
    return platformLine(line, entry.type, entry.record, all);
  const error = isObject(entry.error) ? entry.error : isObject(entry.message) ? null : entry;
  const stack = error?.stack ?? entry.stackTrace;
  return {
    ...line,
    level: String(entry.level ?? ""),
    jobId: typeof entry.jobId === "string" ? entry.jobId : null,
    text: textOf(entry.message ?? entry.errorMessage ?? ""),
    stack: Array.isArray(stack) ? stack.join("\n") : typeof stack === "string" ? stack : null,
  };
}

/** One or more lines for a person; control characters are escaped. */
export function logLineText(
  { timestamp, functionId, level, jobId, text, stack }: LogLine,
  colors: Colors,
): string {
  const paint =
    level === "ERROR" || level === "FATAL" ? colors.red : level === "WARN" ? colors.yellow : String;
  const head = [
    colors.dim(new Date(timestamp).toISOString()),
    colors.cyan(functionId),
    ...(jobId ? [colors.dim(escapeControl(jobId))] : []),
  ].join(" ");
  const shown = [`${head} ${paint(escapeControl(text))}`];
  // The first line of a stack is the message again.
  if (stack)
    shown.push(
      ...stack
        .split("\n")
        .filter((each) => /^\s*at /.test(each))
        .map((each) => colors.dim(`  ${escapeControl(each.trim())}`)),
    );
  return shown.join("\n");
}

/** Lambda Developer Guide, "Lambda Telemetry API Event schema reference": what its JSON system logs look like. */
function platformLine(
  line: Omit<LogLine, "text">,
  type: string,
  record: unknown,
  all: boolean,
): LogLine | null {
  const { status, errorType, metrics } = isObject(record) ? record : {};
  const went = typeof status === "string" ? status : QUIET_STATUS;
  if (went === QUIET_STATUS && !all) return null;
  const durationMs = isObject(metrics) ? metrics.durationMs : undefined;
  const text = [
    `Lambda: ${type.slice("platform.".length)}`,
    ...(status === undefined ? [] : [went]),
    ...(errorType === undefined ? [] : [String(errorType)]),
    ...(durationMs === undefined ? [] : [`after ${durationMs} ms`]),
  ].join(" ");
  return { ...line, level: went === QUIET_STATUS ? "INFO" : "ERROR", text };
}

function parseEntry(message: string): Record<string, unknown> | null {
  if (!message.startsWith("{")) return null;
  try {
    const entry: unknown = JSON.parse(message);
    return isObject(entry) ? entry : null;
  } catch {
    return null;
  }
}

function textOf(message: unknown): string {
  return typeof message === "string" ? message : JSON.stringify(message);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
