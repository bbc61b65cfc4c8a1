import { spawn } from "node:child_process";
import { constants } from "node:os";
import { delimiter, join } from "node:path";
import { commandNotFoundError } from "../errors/exec-errors.js";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Runs a command to its end, with our own standard streams. Signals that we get, it gets.
 *
 * @param root - its working directory; commands of the project's packages are found by their names
 * @returns its exit code; 128 and the signal's number when one ended it, as shells have it
 * @throws QueueRunError `QR_COMMAND_NOT_FOUND`
 */
export function runScript(
  [command = "", ...args]: readonly string[],
  { root, env }: { root: string; env: Environment },
): Promise<number> {
  const isWindows = process.platform === "win32";
  const child = spawn(command, args, {
    cwd: root,
    env: withPackageCommands(env, root),
    stdio: "inherit",
    // Commands of packages are scripts there, which only a shell can start.
    shell: isWindows,
  });
  const forwarded: NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];
  const forward = (signal: NodeJS.Signals): void => {
    // Ctrl-C on a terminal reaches every process of the group by itself.
    if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
  };
  for (const signal of forwarded) process.on(signal, forward);
  return new Promise<number>((resolve, reject) => {
    child.once("error", (error) => reject(commandNotFoundError(command, error)));
    child.once("close", (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  }).finally(() => {
    for (const signal of forwarded) process.off(signal, forward);
  });
}

function withPackageCommands(env: Environment, root: string): Environment {
  const name = Object.keys(env).find((each) => each.toUpperCase() === "PATH") ?? "PATH";
  const path = [join(root, "node_modules", ".bin"), env[name]].filter(Boolean).join(delimiter);
  return { ...env, [name]: path };
}
