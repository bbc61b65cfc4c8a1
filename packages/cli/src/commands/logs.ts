import { type Command, Option } from "commander";
import type { StageFlags } from "../deploy/manage/open-stage.js";
import { useColors } from "../terminal/use-colors.js";
import type { CommandIo } from "./command.js";
import { sinceArgument } from "./since-argument.js";
import { addStageOptions } from "./stage-options.js";

type LogsFlags = StageFlags & {
  follow?: boolean;
  since: number;
  queue?: string[];
  schedule?: string[];
  api?: boolean;
  socket?: boolean;
  job?: string;
  all?: boolean;
  json?: boolean;
};

const DEFAULT_SINCE_MS = 10 * 60_000;

/** `queue-run logs`: what the functions of a deployed stage have written. */
export function configure(command: Command, io: CommandIo): void {
  addStageOptions(command)
    .option("-f, --follow", "go on printing what comes, until Ctrl-C")
    .addOption(
      new Option("--since <when>", "how far back: 10m, 2h, 1d, or a time")
        .argParser(sinceArgument)
        .default(DEFAULT_SINCE_MS, "10m"),
    )
    .option("--queue <name>", "only this queue's jobs; may be repeated", collect)
    .option("--schedule <name>", "only this schedule's runs; may be repeated", collect)
    .option("--api", "only the API")
    .option("--socket", "only the socket")
    .option("--job <id>", "only lines with this job's id")
    .option("--all", "Lambda's own lines too, also of what went well")
    .option("--json", "print each line as JSON")
    .action(async () => {
      const flags = command.optsWithGlobals<LogsFlags>();
      const [{ openStage }, { readDeployedStage, chooseFunctions }, { createLogReader, followLogs }] =
        await Promise.all([
          import("../deploy/manage/open-stage.js"),
          import("../deploy/manage/deployed-stage.js"),
          import("../deploy/manage/logs/follow-logs.js"),
        ]);
      const { logEventsOf } = await import("../deploy/manage/logs/read-log-events.js");
      const { logLineText, toLogLine } = await import("../deploy/manage/logs/log-line.js");
      const { logGroupName } = await import("../deploy/desired/resource-names.js");
      const { createColors } = (await import("picocolors")).default;

      const stage = await openStage(flags, io);
      const { functions } = await readDeployedStage(stage);
      const ids = new Map(
        chooseFunctions(functions, chosenIds(flags)).map(({ id, physicalName }) => [
          logGroupName(physicalName),
          id,
        ]),
      );
      const { clock } = stage.aws;
      const colors = createColors(useColors(io));
      const reader = createLogReader(
        [...ids.keys()],
        clock.now() - flags.since,
        logEventsOf(stage.aws, flags.job ?? null),
      );
      const print = (events: Awaited<ReturnType<typeof reader.next>>) => {
        for (const event of events) {
          const line = toLogLine(event, ids.get(event.group) ?? "", flags.all ?? false);
          if (line) io.stdout.write(`${flags.json ? JSON.stringify(line) : logLineText(line, colors)}\n`);
        }
      };
      await followLogs(reader, print, { clock, signal: flags.follow ? untilInterrupted() : null });
    });
}

function chosenIds({ queue = [], schedule = [], api, socket }: LogsFlags): string[] {
  return [
    ...(api ? ["api"] : []),
    ...(socket ? ["socket"] : []),
    ...queue.map((name) => `queue:${name}`),
    ...schedule.map((name) => `schedule:${name}`),
  ];
}

/** Until Ctrl-C, or until nobody reads any more: `| head`. */
function untilInterrupted(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => controller.abort());
  process.stdout.once("error", () => controller.abort());
  return controller.signal;
}

function collect(name: string, names: readonly string[] = []): string[] {
  return [...names, name];
}
