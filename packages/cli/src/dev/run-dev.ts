import type { CommandIo } from "../commands/command.js";
import { humanReporter } from "../terminal/human-reporter.js";
import { jsonReporter } from "../terminal/json-reporter.js";
import type { Reporter } from "../terminal/reporter.js";
import { useColors } from "../terminal/use-colors.js";
import type { DevOptions } from "./dev-options.js";
import { startDevServer } from "./dev-server.js";

/** How long running requests and jobs get after Ctrl-C. */
const GRACE_MS = 2_500;
/** When even closing hangs, the process ends; its jobs are there at the next start. */
const LAST_RESORT_MS = 4_500;

/**
 * Runs the dev server until Ctrl-C or SIGTERM. A second one ends it at once.
 *
 * @throws QueueRunError when it cannot start
 */
export async function runDev(options: DevOptions, io: CommandIo): Promise<void> {
  const reporter = reporterFor(options, io);
  if (options.inspect !== null) {
    const inspector = await import("node:inspector");
    inspector.open(options.inspect, "127.0.0.1");
  }
  const stopped = new Promise<NodeJS.Signals>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve(signal));
  });
  const server = await startDevServer(options, io, reporter);
  await stopped;
  process.once("SIGINT", () => process.exit(130));
  process.once("SIGTERM", () => process.exit(143));
  reporter.info("Stopping; Ctrl-C again to stop at once");
  reporter.flush();
  setTimeout(() => process.exit(0), LAST_RESORT_MS).unref();
  await server.stop(GRACE_MS);
  reporter.flush();
}

function reporterFor({ root, json }: DevOptions, io: CommandIo): Reporter {
  const now = (): number => Date.now();
  if (json) return jsonReporter(io.stdout, now);
  return humanReporter({ stdout: io.stdout, stderr: io.stderr, root, colors: useColors(io), now });
}
