import { relative } from "node:path";
import type { Colors } from "picocolors/types.js";
import type { PortableError } from "../dev/worker/protocol.js";
import { codeFrame } from "./code-frame.js";
import { escapeControl } from "./escape-control.js";
import { projectFrames } from "./stack-frames.js";

/** Characters of a message that are shown: whoever throws a whole document does not want it in the terminal. */
const MAX_MESSAGE_LENGTH = 4_000;
/** Frames that are shown below the innermost one. */
const MAX_FRAMES = 6;

/**
 * An error as a developer reads it: what it says, the line of the project's code it came from, the way there, its
 * causes, and what to do about it.
 *
 * @param root - the project's folder
 */
export function errorLines(error: PortableError, root: string, colors: Colors): string[] {
  const title = error.name === "QueueRunError" ? (error.code ?? error.name) : error.name;
  const [first = "", ...rest] = escapeControl(shortened(error.message)).split("\n");
  const lines = [`${colors.red(colors.bold(escapeControl(title)))}: ${first}`, ...rest];
  const [innermost, ...others] = error.stack ? projectFrames(error.stack, root) : [];
  if (innermost) {
    lines.push(
      `  at ${placeText(innermost, root)}`,
      ...codeFrame(innermost, colors).map((line) => `    ${line}`),
    );
    for (const frame of others.slice(0, MAX_FRAMES)) lines.push(colors.dim(`  at ${placeText(frame, root)}`));
  } else if (error.stack) {
    const frames = error.stack.split("\n").filter((line) => /^\s*at /.test(line));
    for (const frame of frames.slice(0, MAX_FRAMES))
      lines.push(colors.dim(`  ${escapeControl(frame.trim())}`));
  }
  if (error.fix) lines.push(`  ${escapeControl(error.fix)}`);
  if (error.cause) {
    const [cause = "", ...more] = errorLines(error.cause, root, colors);
    lines.push(`  caused by ${cause}`, ...more.map((line) => `  ${line}`));
  }
  for (const each of error.errors ?? []) {
    const [one = "", ...more] = errorLines(each, root, colors);
    lines.push(`  one of them: ${one}`, ...more.map((line) => `  ${line}`));
  }
  return lines;
}

function shortened(message: string): string {
  const more = message.length - MAX_MESSAGE_LENGTH;
  return more > 0 ? `${message.slice(0, MAX_MESSAGE_LENGTH)}… (${more} characters more)` : message;
}

function placeText(
  frame: { name: string | null; file: string; line: number; column: number },
  root: string,
): string {
  const place = `${relative(root, frame.file)}:${frame.line}:${frame.column}`;
  return escapeControl(frame.name ? `${place} (${frame.name})` : place);
}
