import type { Command } from "commander";
import type { CommandIo } from "./command.js";

/** Ends with wrong usage where something has to be agreed to and nobody can be asked. */
export function refuseUnasked(
  command: Command,
  { yes, dryRun, json }: { yes: boolean; dryRun: boolean; json: boolean },
  { isTerminal }: Pick<CommandIo, "isTerminal">,
): void {
  if (!yes && !dryRun && (json || !isTerminal || !process.stdin.isTTY))
    command.error(
      `Nobody can be asked here: say --yes to ${command.name()}, or --dry-run to see what it would do.`,
    );
}
