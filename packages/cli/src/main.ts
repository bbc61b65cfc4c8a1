import { realpathSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { Command, CommanderError, Option } from "commander";
import type { CommandIo } from "./commands/command.js";
import { commands } from "./commands/command-table.js";
import { notAFolderError } from "./errors/dev-errors.js";
import { ExitCode } from "./errors/exit-code.js";
import { UsageError } from "./errors/usage-error.js";
import { printError } from "./terminal/print-error.js";

const DONE = 0;
const FAILED = 1;
const WRONG_USAGE = 2;

/**
 * Runs the command line.
 *
 * @param argv - the arguments after the program's name
 * @returns the exit code: 0 done, 1 failed, 2 wrong usage; of `exec` the script's own
 */
export async function main(argv: string[], io: CommandIo = processIo()): Promise<number> {
  const program = new Command("queue-run")
    .description("Functions in files: queues, HTTP routes, on your machine and on AWS.")
    .version(packageVersion())
    .helpCommand(false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: (text) => void io.stderr.write(text),
    })
    .showSuggestionAfterError();

  for (const { name, description } of commands) program.command(name).description(description);
  equip(program, []);
  program.hook("preSubcommand", async (_program, command) => {
    const entry = commands.find(({ name }) => name === command.name());
    if (!entry) return;
    (await entry.load()).configure(command, io);
    equip(command, [program.name()]);
  });

  try {
    await program.parseAsync(argv, { from: "user" });
    return DONE;
  } catch (error) {
    if (error instanceof ExitCode) return error.exitCode;
    if (error instanceof CommanderError) return error.exitCode === 0 ? DONE : WRONG_USAGE;
    printError(error, io);
    return error instanceof UsageError ? WRONG_USAGE : FAILED;
  }
}

/** Gives a command, and those under it, what every one has: wrong usage points to its own help, and `--cwd`. */
function equip(command: Command, parents: readonly string[]): void {
  const path = [...parents, command.name()];
  command.configureOutput({
    outputError: (text, write) =>
      write(`${text.replace(/^error: /, "").trimEnd()}\n  See \`${path.join(" ")} --help\`.\n`),
  });
  for (const each of command.commands) {
    if (!each.options.some(({ long }) => long === "--cwd")) each.addOption(cwdOption());
    equip(each, path);
  }
}

/** The option that every command has. */
function cwdOption(): Option {
  return new Option("--cwd <dir>", "the project's folder")
    .default(process.cwd(), "where the command is started")
    .argParser((folder) => {
      const absolute = resolve(folder);
      if (!statSync(absolute, { throwIfNoEntry: false })?.isDirectory()) throw notAFolderError(absolute);
      // As process.cwd() is: watched, resolved and reported files then have one name each.
      return realpathSync(absolute);
    });
}

function packageVersion(): string {
  const { version } = createRequire(import.meta.url)("../package.json") as { version: string };
  return version;
}

function processIo(): CommandIo {
  const { stdout, stderr, env } = process;
  for (const stream of [stdout, stderr]) stream.on("error", ignoreClosedPipe);
  return { stdout, stderr, isTerminal: stdout.isTTY === true, env };
}

/** Whoever read has read enough, `| head` say: what is under way goes on, and what it prints goes nowhere. */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
}
