import { type Command, Option } from "commander";
import type { StageFlags } from "../deploy/manage/open-stage.js";
import type { CommandIo, GlobalOptions } from "./command.js";
import { sinceArgument } from "./since-argument.js";
import { addStageOptions } from "./stage-options.js";

type MetricsFlags = GlobalOptions & StageFlags & { since: number; json?: boolean };

const DAY_MS = 86_400_000;

/** `queue-run metrics`: how a stage's functions and queues have fared, from CloudWatch's own metrics. */
export function configure(command: Command, io: CommandIo): void {
  addStageOptions(command)
    .addOption(
      new Option("--since <when>", "how far back: 1h, 7d, or a time")
        .argParser(sinceArgument)
        .default(DAY_MS, "1d"),
    )
    .option("--json", "print JSON")
    .action(async () => {
      const flags = command.optsWithGlobals<MetricsFlags>();
      const { openStage } = await import("../deploy/manage/open-stage.js");
      const { readDeployedStage } = await import("../deploy/manage/deployed-stage.js");
      const { metricQueries, toFunctionMetrics } = await import(
        "../deploy/manage/metrics/function-metrics.js"
      );
      const { metricsPeriodSeconds } = await import("../deploy/manage/metrics/metrics-period.js");
      const { readMetrics } = await import("../deploy/actual/read-metrics.js");
      const { metricsText } = await import("../deploy/manage/metrics/print-metrics.js");
      const stage = await openStage(flags, io);
      const { functions } = await readDeployedStage(stage);
      const toMs = stage.aws.clock.now();
      const periodSeconds = metricsPeriodSeconds(flags.since);
      const fromMs = toMs - periodSeconds * 1_000;
      const values = await readMetrics(stage.aws, metricQueries(stage, functions), {
        fromMs,
        toMs,
        periodSeconds,
      });
      const metrics = toFunctionMetrics(functions, values);
      const since = new Date(fromMs).toISOString();
      const text = flags.json
        ? JSON.stringify({ since, functions: metrics }, null, 2)
        : metricsText(metrics, since);
      io.stdout.write(`${text}\n`);
    });
}
