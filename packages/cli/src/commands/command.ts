import type { Command } from "commander";

/**
 * One row of the table in main.ts. Only the command that was asked for is loaded, so that `--help` and a mistyped
 * name answer at once, whatever the others import.
 */
export type CommandEntry = {
  /** As it is typed: "build". */
  name: string;
  /** One line, for `queue-run --help`. */
  description: string;
  load: () => Promise<CommandModule>;
};

/** What a file in commands/ exports. */
type CommandModule = {
  /**
   * Adds arguments, options and the action to the command of that name, which main.ts has already made with its
   * description and the options that every command has (`--cwd`).
   *
   * The action reads `command.optsWithGlobals()`, writes to `io`, and throws a `QueueRunError` (or a
   * `ProjectProblemsError`) when it fails; main.ts alone prints errors and sets the exit code.
   */
  configure: (command: Command, io: CommandIo) => void;
};

/** Where a command reads and writes; tests pass their own. */
export type CommandIo = {
  stdout: { write(text: string): unknown };
  stderr: { write(text: string): unknown };
  /** Whether a person watches: questions, colour and progress only then. */
  isTerminal: boolean;
  env: Readonly<Record<string, string | undefined>>;
};

/** The options that every command has. */
export type GlobalOptions = {
  /** Absolute path of the project's folder: `--cwd`, else where the command was started. */
  cwd: string;
};
