import type { CommandIo } from "../commands/command.js";
import { useColors } from "../terminal/use-colors.js";
import { jsonLog, readableLog, type StartLog } from "./start-log.js";
import type { StartOptions } from "./start-options.js";
import { startServer } from "./start-server.js";

/** Beyond the grace, how long giving messages back may take before the process ends all the same. */
const LAST_RESORT_MS = 4_000;

/**
 * Runs the project until SIGTERM or SIGINT. A second one ends the process at once.
 *
 * @throws QueueRunError when it cannot start
 */
export async function runStart(options: StartOptions, io: CommandIo): Promise<void> {
  const log = logFor(options, io);
  let isStarted = false;
  const stopped = firstSignal(() => isStarted);
  const server = await startServer(options, io, log);
  isStarted = true;
  const signal = await stopped;
  log.line("INFO", `${signal}: finishing what runs, for ${options.graceMs / 1_000} s at most`);
  const lastResort = setTimeout(() => process.exit(0), options.graceMs + LAST_RESORT_MS);
  await server.stop(options.graceMs);
  clearTimeout(lastResort);
  log.flush();
  log.line("INFO", "Stopped");
}

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

/** Waits for SIGTERM or SIGINT. Before there is anything to stop, and from then on, one ends the process at once. */
function firstSignal(isStarted: () => boolean): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let isFirst = true;
    for (const signal of ["SIGINT", "SIGTERM"] as const)
      process.on(signal, () => {
        if (!isFirst || !isStarted()) process.exit(EXIT_CODES[signal]);
        isFirst = false;
        resolve(signal);
      });
  });
}

function logFor({ json }: StartOptions, io: CommandIo): StartLog {
  return io.isTerminal && !json ? readableLog(io.stdout, useColors(io)) : jsonLog(io.stdout);
}
