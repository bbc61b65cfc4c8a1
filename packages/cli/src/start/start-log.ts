import picocolors from "picocolors";
import type { Colors } from "picocolors/types.js";
import { escapeControl } from "../terminal/escape-control.js";

type Level = "INFO" | "WARN" | "ERROR";

/** What `start` writes: its own lines, and those of its functions. */
export type StartLog = {
  line(level: Level, message: string, fields?: Record<string, unknown>): void;
  /** What a function wrote to its output, in pieces as they came: lines are kept whole. */
  output(handler: string, text: string): void;
  /** Writes what is left of lines without an end. */
  flush(): void;
};

type Writer = { write(text: string): unknown };

/** Everything as lines of JSON, as functions write them on Lambda. */
export function jsonLog(stdout: Writer, now: () => number = Date.now): StartLog {
  const lines = wholeLines((_, line) => stdout.write(`${line}\n`));
  return {
    ...lines,
    line(level, message, fields = {}) {
      const timestamp = new Date(now()).toISOString();
      stdout.write(`${JSON.stringify({ timestamp, level, message, ...fields })}\n`);
    },
  };
}

/** The same for a person at a terminal. */
export function readableLog(stdout: Writer, useColors: boolean, now: () => number = Date.now): StartLog {
  const colors = picocolors.createColors(useColors);
  const write = (level: string, handler: string, message: string): void => {
    const time = colors.dim(new Date(now()).toTimeString().slice(0, 8));
    const source = handler === "" ? "" : `${colors.cyan(escapeControl(handler))} `;
    stdout.write(`${time} ${source}${paint(level, colors)(escapeControl(message))}\n`);
  };
  const lines = wholeLines((handler, line) => {
    if (line.startsWith('{"_aws":')) return;
    const { level, text } = fromJsonLine(line);
    for (const each of text.split("\n")) write(level, handler, each);
  });
  return { ...lines, line: (level, message) => write(level, "", message) };
}

/** A function's line as the runtime writes it, or any other text. */
function fromJsonLine(line: string): { level: string; text: string } {
  try {
    const { level, message, error } = JSON.parse(line) as Record<string, unknown>;
    if (typeof level !== "string" || message === undefined) return { level: "INFO", text: line };
    const text = typeof message === "string" ? message : JSON.stringify(message);
    const stack =
      typeof error === "object" && error !== null && "stack" in error ? String(error.stack ?? "") : "";
    return { level, text: stack === "" ? text : `${text}\n${stack}` };
  } catch {
    return { level: "INFO", text: line };
  }
}

function paint(level: string, colors: Colors): (text: string) => string {
  if (level === "ERROR") return colors.red;
  return level === "WARN" ? colors.yellow : (text) => text;
}

/** Puts lines together again that came in pieces, for each handler by itself. */
function wholeLines(write: (handler: string, line: string) => void): Pick<StartLog, "output" | "flush"> {
  const begun = new Map<string, string>();
  return {
    output(handler, text) {
      const [first = "", ...rest] = text.split("\n");
      const lines = [(begun.get(handler) ?? "") + first, ...rest];
      begun.set(handler, lines.pop() ?? "");
      for (const line of lines) write(handler, line);
    },
    flush() {
      for (const [handler, line] of begun) if (line !== "") write(handler, line);
      begun.clear();
    },
  };
}
