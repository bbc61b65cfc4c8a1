import { type ChildProcess, spawn } from "node:child_process";
import { onTestFinished } from "vitest";
import { bin as ownBin } from "./repository.js";
import { type WaitOptions, waitFor } from "./wait-for.js";

/** A run of `queue-run` in a process of its own. */
export type RunningCommand = {
  pid: number;
  /** All that it has printed so far. */
  stdout: () => string;
  stderr: () => string;
  /** Both, in the order in which they came. */
  output: () => string;
  /** Resolves when the process has ended. */
  ended: Promise<Ending>;
  hasEnded: () => boolean;
  /** Ends its standard input, after this text. */
  endInput: (text?: string) => void;
  /** Reads no more of its standard output, as `| head` does when it has enough. */
  closeOutput: () => void;
  signal: (name: NodeJS.Signals) => void;
  /** Waits until what was printed after `from` (default: from the start) matches. */
  printed: (what: string | RegExp, options?: WaitOptions & { from?: number }) => Promise<string>;
};

type Ending = { code: number | null; signal: NodeJS.Signals | null };

export type CommandOptions = {
  cwd: string;
  /** Added to a small environment that holds nothing of the machine's own AWS settings. */
  env?: Record<string, string>;
  /** The file to run. Default: this repository's `queue-run`. */
  bin?: string;
  /** Let it live past the test that started it: whoever started it stops it. */
  keep?: boolean;
};

/** Starts `queue-run` with these arguments and does not wait for it. */
export function startCommand(
  args: string[],
  { cwd, env = {}, bin = ownBin, keep = false }: CommandOptions,
): RunningCommand {
  const child = spawn(process.execPath, [bin, ...args], { cwd, env: { ...baseEnvironment(), ...env } });
  const chunks: { stream: "stdout" | "stderr"; text: string }[] = [];
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].setEncoding("utf8").on("data", (text: string) => chunks.push({ stream, text }));
  }
  const of = (stream?: string) =>
    chunks
      .filter((chunk) => !stream || chunk.stream === stream)
      .map((chunk) => chunk.text)
      .join("");
  let ending: Ending | null = null;
  const ended = whenEnded(child).then((how) => {
    ending = how;
    return how;
  });
  if (!keep) {
    onTestFinished(async () => {
      if (!ending) child.kill("SIGKILL");
      await ended;
    });
  }
  const output = () => of();
  return {
    pid: child.pid ?? 0,
    stdout: () => of("stdout"),
    stderr: () => of("stderr"),
    output,
    ended,
    hasEnded: () => ending !== null,
    endInput: (text = "") => child.stdin.end(text),
    closeOutput: () => void child.stdout.destroy(),
    signal: (name) => child.kill(name),
    async printed(what, { from = 0, ...options } = {}) {
      try {
        const seen = await waitFor(
          `output with ${what}`,
          () => {
            const text = output().slice(from);
            if (typeof what === "string" ? text.includes(what) : what.test(text)) return text;
            return ending ? "ended" : null;
          },
          options,
        );
        if (seen === "ended") throw new Error(`The process has ended without printing ${what}`);
        return seen;
      } catch (error) {
        throw new Error(`${error instanceof Error ? error.message : error}\nOutput so far:\n${output()}`);
      }
    },
  };
}

/** What a run came to. */
export type CommandResult = { code: number | null; stdout: string; stderr: string };

/** Runs `queue-run` to its end. */
export async function runCommand(
  args: string[],
  { input, deadlineMs = 30_000, ...options }: CommandOptions & { input?: string; deadlineMs?: number },
): Promise<CommandResult> {
  const command = startCommand(args, { ...options, keep: true });
  command.endInput(input);
  const timer = setTimeout(() => command.signal("SIGKILL"), deadlineMs);
  const { code } = await command.ended;
  clearTimeout(timer);
  return { code, stdout: command.stdout(), stderr: command.stderr() };
}

function whenEnded(child: ChildProcess): Promise<Ending> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code, signal }));
  });
}

/** What a command needs to run at all, so that a test means the same on every machine. */
function baseEnvironment(): Record<string, string> {
  const kept = ["PATH", "HOME", "TMPDIR", "TEMP", "TMP", "SystemRoot", "USERPROFILE", "APPDATA"];
  return Object.fromEntries(kept.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}
