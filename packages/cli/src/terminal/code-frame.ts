import { readFileSync } from "node:fs";
import type { Colors } from "picocolors/types.js";
import { escapeControl } from "./escape-control.js";
import type { SourcePlace } from "./stack-frames.js";

/** Longest line that is shown: a minified file must not fill the terminal. */
const MAX_COLUMNS = 160;

/**
 * The lines of code around a place, with a mark under it.
 *
 * @returns no lines when the file cannot be read
 */
export function codeFrame({ file, line, column }: SourcePlace, colors: Colors): string[] {
  let source: string[];
  try {
    source = readFileSync(file, "utf8").split("\n");
  } catch {
    return [];
  }
  const first = Math.max(1, line - 1);
  const last = Math.min(source.length, line + 1);
  const width = String(last).length;
  const lines: string[] = [];
  for (let number = first; number <= last; number++) {
    const code = escapeControl((source[number - 1] ?? "").replaceAll("\t", " ").trimEnd()).slice(
      0,
      MAX_COLUMNS,
    );
    const label = `${String(number).padStart(width)} |`;
    if (number !== line) lines.push(colors.dim(`  ${label} ${code}`));
    else {
      lines.push(`${colors.red(">")} ${label} ${code}`);
      if (column <= MAX_COLUMNS)
        lines.push(`  ${" ".repeat(width)} | ${" ".repeat(column - 1)}${colors.red("^")}`);
    }
  }
  return lines;
}
