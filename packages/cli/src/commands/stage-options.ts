import type { Command } from "commander";

/** What a command does without `--stage`. */
const DEFAULT_STAGE = "prod";

/** Adds what every command on a deployed stage takes. */
export function addStageOptions(command: Command): Command {
  return command
    .option("--stage <stage>", "the deployed stage", DEFAULT_STAGE)
    .option(
      "--region <region>",
      "the AWS region (default: queue-run.config.ts's, AWS_REGION, or the profile's)",
    );
}
