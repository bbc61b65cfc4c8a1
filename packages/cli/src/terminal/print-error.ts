import { QueueRunError } from "@queue-run/runtime/errors";
import picocolors from "picocolors";
import type { CommandIo } from "../commands/command.js";
import { toPortableError } from "../dev/worker/portable-error.js";
import { escapeControl } from "./escape-control.js";
import { useColors } from "./use-colors.js";

/**
 * Prints an error to stderr: what happened and what to do about it. An error that is none of ours is a defect of
 * queue-run, and is shown with its stack.
 */
export function printError(thrown: unknown, io: Pick<CommandIo, "stderr" | "isTerminal" | "env">): void {
  const colors = picocolors.createColors(useColors(io));
  const error = toPortableError(thrown);
  if (!(thrown instanceof QueueRunError)) {
    io.stderr.write(`${colors.red("Unexpected error")} ${escapeControl(error.stack ?? error.message)}\n`);
    io.stderr.write("  This is a defect of queue-run: please report it with the lines above.\n");
    return;
  }
  const lines = [`${colors.red("Error")} ${escapeControl(error.message)} ${colors.dim(`[${thrown.code}]`)}`];
  if (error.fix) lines.push(`  ${escapeControl(error.fix)}`);
  if (error.cause && !error.message.includes(error.cause.message))
    lines.push(colors.dim(`  ${escapeControl(error.cause.message)}`));
  io.stderr.write(`${lines.join("\n")}\n`);
}
