import { resolve } from "node:path";
import { durationInSeconds } from "@queue-run/runtime/config";
import { type Command, InvalidArgumentError } from "commander";
import type { CommandIo, GlobalOptions } from "./command.js";
import { DEFAULT_PORT, parsePort, parseVariable, portOfEnvironment } from "./serving-flags.js";

type StartFlags = GlobalOptions & {
  port?: number;
  host?: string;
  build?: string;
  stage?: string;
  region?: string;
  env?: Record<string, string>;
  http: boolean;
  /** False: `--no-queues`. */
  queues?: string[] | false;
  grace: number;
  json?: boolean;
};

const DEFAULT_GRACE_SECONDS = 25;

/** `queue-run start`: HTTP and queues of a deployed stage in one long-lived process, for containers. */
export function configure(command: Command, io: CommandIo): void {
  command
    .option(
      "-p, --port <port>",
      `port of the HTTP server (default: ${DEFAULT_PORT}, or the variable PORT)`,
      parsePort,
    )
    .option("--host <address>", "address to serve HTTP on (default: every address of the machine)")
    .option("--build <dir>", "run what `queue-run build -o DIR` left, instead of building the sources first")
    .option("--stage <stage>", "the deployed stage whose queues to work on (default: prod, or the build's)")
    .option("--region <region>", "the stage's AWS region")
    .option("-e, --env <NAME=VALUE>", "set a variable for handlers; may be repeated", parseVariable)
    .option("--no-http", "serve no routes, only the health endpoint")
    .option("--queues <names>", "poll these queues alone: emails,orders.fifo", parseNames)
    .option("--no-queues", "poll no queue")
    .option(
      "--grace <duration>",
      "how long running work gets after SIGTERM",
      parseGrace,
      DEFAULT_GRACE_SECONDS,
    )
    .option("--json", "write lines of JSON even on a terminal")
    .addHelpText(
      "after",
      "\nHealth: GET /_queue-run/health. Schedules are not run: EventBridge runs them on AWS.",
    )
    .action(async () => {
      const flags = command.optsWithGlobals<StartFlags>();
      const { runStart } = await import("../start/run-start.js");
      await runStart(
        {
          root: flags.cwd,
          build: flags.build === undefined ? null : resolve(flags.cwd, flags.build),
          stage: flags.stage ?? null,
          region: flags.region ?? null,
          port: flags.port ?? portOfEnvironment(io) ?? DEFAULT_PORT,
          host: flags.host ?? null,
          http: flags.http,
          queues: flags.queues === false ? [] : (flags.queues ?? null),
          graceMs: flags.grace * 1_000,
          variables: flags.env ?? {},
          json: flags.json ?? false,
        },
        io,
      );
    });
}

function parseNames(text: string): string[] {
  const names = text.split(",").map((name) => name.trim());
  if (names.includes(""))
    throw new InvalidArgumentError("Name queues with commas between them: emails,orders.fifo.");
  return names;
}

function parseGrace(text: string): number {
  const seconds = durationInSeconds(/^\d+(\.\d+)?$/.test(text) ? Number(text) : text);
  if (seconds === null) throw new InvalidArgumentError('A duration is a number of seconds, or "25s", "2m".');
  return seconds;
}
