import type { EventSourceLabel } from "@queue-run/runtime/instance";
import picocolors from "picocolors";
import type { Colors } from "picocolors/types.js";
import type { Fault } from "../dev/http/answer.js";
import { describeDeath } from "../dev/runner/outcome.js";
import type { PortableError, WorkerEvent } from "../dev/worker/protocol.js";
import { formatProblem } from "../errors/project-errors.js";
import { durationText } from "./duration-text.js";
import { errorLines } from "./error-lines.js";
import { escapeControl } from "./escape-control.js";
import { lineWriter } from "./line-writer.js";
import type { Reporter } from "./reporter.js";
import { servedLines } from "./served-table.js";

type JobEvent = Extract<WorkerEvent, { jobId: string }>;

/** Characters of a job's or trace's id that are shown: enough to tell neighbours apart. */
const ID_LENGTH = 8;

/**
 * Tells what happens in lines that a person likes to read: each with its time and the handler it is about.
 *
 * @param options.root - the project's folder, which places in errors are relative to
 */
export function humanReporter(options: {
  stdout: { write(text: string): unknown };
  stderr: { write(text: string): unknown };
  root: string;
  colors: boolean;
  now: () => number;
}): Reporter {
  const { root } = options;
  const colors: Colors = picocolors.createColors(options.colors);
  const out = lineWriter(options.stdout);
  const err = lineWriter(options.stderr);

  const stamp = (): string => colors.dim(timeOfDay(options.now()));
  const line = (handler: string, text: string, source?: EventSourceLabel): void => {
    // The end of it: X-Ray's ids begin with the time, which neighbours share.
    const trace = source?.traceId ? ` ${colors.dim(`trace ${source.traceId.slice(-ID_LENGTH)}`)}` : "";
    out.write(`${stamp()} ${colors.cyan(escapeControl(handler))} ${text}${trace}\n`);
  };
  const block = (lines: string[]): void => out.write(lines.map((each) => `  ${each}\n`).join(""));
  const error = (thrown: PortableError): void => block(errorLines(thrown, root, colors));
  const prefixed = (handler: string, text: string, paint: (text: string) => string): void => {
    const prefix = `${colors.dim(escapeControl(handler))} ${colors.dim("|")}`;
    for (const each of text.replace(/\n$/, "").split("\n")) out.write(`${prefix} ${paint(each)}\n`);
  };

  return {
    serving(manifest, { url, sqsEndpoint, nextRunMs }) {
      const lines = servedLines(manifest, url.replace(/^http/, "ws"), nextRunMs).map((each) =>
        each.startsWith(" ") ? each : colors.bold(each),
      );
      out.write(`\n${lines.map((each) => `  ${each}\n`).join("")}`);
      out.write(`  ${colors.bold("SQS")}\n    ${sqsEndpoint}\n\n`);
    },
    ready: (url) => out.write(`Dev server listening on ${url}\n`),
    event(event) {
      switch (event.kind) {
        case "log":
          return prefixed(event.source.handler, event.text, LEVEL_COLOURS[event.level]?.(colors) ?? identity);
        case "error":
          line(event.source.handler, colors.red("error"), event.source);
          return error(event.error);
        case "response":
          return line(
            `${event.method} ${event.path}`,
            `${statusText(event.status, colors)} ${colors.dim(durationText(event.durationMs))}`,
            event.source,
          );
        case "jobStarted":
          return line(event.source.handler, `${jobText(event)} started${attemptText(event)}`, event.source);
        case "jobFinished":
          return line(
            event.source.handler,
            `${jobText(event)} ${colors.green("done")} in ${durationText(event.durationMs)}${attemptText(event)}`,
            event.source,
          );
        case "jobFailed": {
          const next =
            event.outcome.kind === "retry"
              ? `again in ${durationText(event.outcome.delaySeconds * 1000)}`
              : `${event.outcome.kind === "dead-letter" ? "dead-lettered" : "given up"}: ${escapeControl(event.outcome.reason)}`;
          line(
            event.source.handler,
            `${jobText(event)} ${colors.red("failed")} after ${durationText(event.durationMs)}${attemptText(event)}, ${next}`,
            event.source,
          );
          return error(event.error);
        }
        case "jobReturned":
          return line(
            event.source.handler,
            `${jobText(event)} went back unrun: ${escapeControl(event.reason)}`,
          );
        case "jobDropped":
          return line(
            event.source.handler,
            `${jobText(event)} ${colors.yellow("not run")}: ${escapeControl(event.reason)}`,
            event.source,
          );
        case "jobSkipped":
          return line(
            event.source.handler,
            `${jobText(event)} ${colors.yellow("skipped")}: ${escapeControl(event.reason)}`,
          );
      }
    },
    output: (handler, stream, text) =>
      prefixed(handler, escapeControl(text), stream === "stderr" ? colors.yellow : identity),
    batchFailed({ queueName, messages, outcome, backInSeconds }) {
      const ids = messages.map(({ messageId }) => messageId.slice(0, ID_LENGTH)).join(", ");
      const why =
        outcome.kind === "died"
          ? describeDeath(outcome.cause)
          : outcome.kind === "bad-answer"
            ? outcome.why
            : "the function failed before it could answer";
      const back = `back in ${durationText(backInSeconds * 1000)}`;
      line(queueName, `${ids} ${colors.red("failed")}: ${escapeControl(why)}; ${back}`);
      if (outcome.kind === "failed") error(outcome.error);
      if (outcome.kind === "died" && outcome.cause.kind === "uncaught") error(outcome.cause.error);
    },
    runFailed({ scheduleName, jobId, outcome, againInSeconds }) {
      const why =
        outcome.kind === "died" ? describeDeath(outcome.cause) : "the function failed before it could run";
      const next = againInSeconds === null ? "given up" : `again in ${durationText(againInSeconds * 1000)}`;
      line(
        scheduleName,
        `${jobId.slice(0, ID_LENGTH)} ${colors.red("failed")}: ${escapeControl(why)}; ${next}`,
      );
      if (outcome.kind === "failed") error(outcome.error);
      if (outcome.kind === "died" && outcome.cause.kind === "uncaught") error(outcome.cause.error);
    },
    requestFailed({ method, path }, fault) {
      const why = describeFault(fault);
      line(`${method} ${path}`, `${colors.red("failed")}: ${escapeControl(why)}`);
      if (fault.kind === "failed") error(fault.error);
      if (fault.kind === "died" && fault.cause.kind === "uncaught") error(fault.cause.error);
    },
    reloaded(files, durationMs) {
      const names =
        files.length > 3 ? `${files.slice(0, 3).join(", ")} and ${files.length - 3} more` : files.join(", ");
      out.write(`${stamp()} ${escapeControl(names)} reloaded in ${durationText(durationMs)}\n`);
    },
    problems(problems) {
      const text = problems.map((each) => escapeControl(formatProblem(each))).join("\n\n");
      err.write(`\n${colors.red(text)}\n${colors.dim("The last good code keeps serving.")}\n\n`);
    },
    warning: (message) => err.write(`${colors.yellow("warning")} ${escapeControl(message)}\n`),
    info: (message) => out.write(`${stamp()} ${escapeControl(message)}\n`),
    flush() {
      out.flush();
      err.flush();
    },
  };
}

function describeFault(fault: Fault): string {
  switch (fault.kind) {
    case "died":
      return describeDeath(fault.cause);
    case "failed":
      return "the function failed before it could answer";
    case "too-large":
      return `413, the body is larger than the ${fault.maxBytes} bytes that any route takes`;
    case "no-function":
    case "no-answer":
      return "the handler gave no answer";
  }
}

const identity = (text: string): string => text;

const LEVEL_COLOURS: Partial<Record<string, (colors: Colors) => (text: string) => string>> = {
  error: (colors) => colors.red,
  warn: (colors) => colors.yellow,
  debug: (colors) => colors.dim,
};

function jobText({ job, jobId, groupId }: JobEvent): string {
  const id = escapeControl(jobId).slice(0, ID_LENGTH);
  const named = job === "default" ? id : `${escapeControl(job)} ${id}`;
  return groupId === null ? named : `${named} [${escapeControl(groupId)}]`;
}

function attemptText({ attempt, maxAttempts }: JobEvent): string {
  return attempt === 1 ? "" : ` (attempt ${attempt} of ${maxAttempts})`;
}

function statusText(status: number, colors: Colors): string {
  const paint = status >= 500 ? colors.red : status >= 400 ? colors.yellow : colors.green;
  return paint(String(status));
}

let shown = { second: -1, text: "" };

/** "14:03:59", in the machine's time zone. */
function timeOfDay(nowMs: number): string {
  const second = Math.floor(nowMs / 1000);
  if (shown.second !== second) shown = { second, text: new Date(nowMs).toTimeString().slice(0, 8) };
  return shown.text;
}
