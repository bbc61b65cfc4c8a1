import { type Command, InvalidArgumentError } from "commander";
import type { CommandIo, GlobalOptions } from "./command.js";
import { configureDevFailed } from "./dev-failed.js";
import { configureDevQueue } from "./dev-queue.js";
import { configureDevSchedule } from "./dev-schedule.js";
import { DEFAULT_PORT, parsePort, parseVariable, portOfEnvironment } from "./serving-flags.js";

type DevFlags = GlobalOptions & {
  port?: number;
  sqsPort: number;
  host?: string;
  fresh?: boolean;
  sqsEndpoint?: string;
  env?: Record<string, string>;
  inspect?: number | true;
  json?: boolean;
};

const DEFAULT_SQS_PORT = 9324;

/** `queue-run dev`, and what talks to a dev server that runs. */
export function configure(command: Command, io: CommandIo): void {
  command
    .option(
      "-p, --port <port>",
      `port of the HTTP server (default: ${DEFAULT_PORT}, or the variable PORT)`,
      parsePort,
    )
    .option("--sqs-port <port>", "port of the local SQS endpoint", parsePort, DEFAULT_SQS_PORT)
    .option("--host <address>", "address to serve HTTP on (default: this machine alone)")
    .option("--fresh", "forget all local jobs first")
    .option("--sqs-endpoint <url>", "use the SQS there instead of the local one", parseEndpoint)
    .option("-e, --env <NAME=VALUE>", "set a variable for handlers; may be repeated", parseVariable)
    .option("--inspect [port]", "let a debugger attach; suspends timeouts", parsePort)
    .option("--json", "print lines of JSON")
    .action(async () => {
      const flags = command.optsWithGlobals<DevFlags>();
      const { runDev } = await import("@queue-run/cli/run-dev");
      await runDev(
        {
          root: flags.cwd,
          port: flags.port ?? portOfEnvironment(io) ?? DEFAULT_PORT,
          sqsPort: flags.sqsPort,
          host: flags.host ?? null,
          fresh: flags.fresh ?? false,
          sqsEndpoint: flags.sqsEndpoint ?? null,
          variables: flags.env ?? {},
          inspect:
            flags.inspect === undefined
              ? null
              : flags.inspect === true
                ? DEFAULT_INSPECT_PORT
                : flags.inspect,
          json: flags.json ?? false,
        },
        io,
      );
    });
  configureDevQueue(command, io);
  configureDevSchedule(command, io);
  configureDevFailed(command, io);
}

/** Node's own. */
const DEFAULT_INSPECT_PORT = 9229;
function parseEndpoint(text: string): string {
  if (!/^https?:\/\//.test(text) || !URL.canParse(text))
    throw new InvalidArgumentError("An endpoint is a URL, http://localhost:4566 for example.");
  return text.replace(/\/$/, "");
}
