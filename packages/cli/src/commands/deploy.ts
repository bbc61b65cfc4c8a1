import type { Command } from "commander";
import type { CommandIo, GlobalOptions } from "./command.js";
import { refuseUnasked } from "./refuse-unasked.js";
import { parseVariable } from "./serving-flags.js";
import { addStageOptions } from "./stage-options.js";

type DeployFlags = GlobalOptions & {
  stage: string;
  region?: string;
  dryRun?: boolean;
  yes?: boolean;
  prune?: boolean;
  refresh?: boolean;
  env?: Record<string, string>;
  json?: boolean;
};

/** `queue-run deploy`: onto AWS. */
export function configure(command: Command, io: CommandIo): void {
  addStageOptions(command)
    .option("--dry-run", "print what would be done, and do nothing")
    .option("-y, --yes", "do not ask")
    .option("--prune", "remove what the project no longer has; queues once they are empty")
    .option("--refresh", "compare everything on AWS, whatever earlier deploys recorded")
    .option("-e, --env <NAME=VALUE>", "set a variable in this deploy; may be repeated", parseVariable)
    .option("--json", "print what was done as JSON, at the end")
    .action(async () => {
      const flags = command.optsWithGlobals<DeployFlags>();
      const { dryRun = false, yes = false, prune = false, refresh = false, json = false } = flags;
      refuseUnasked(command, { yes, dryRun, json }, io);
      const { prepareDeploy } = await import("../deploy/prepare-deploy.js");
      const { carryOut } = await import("../deploy/carry-out.js");
      const target = {
        root: flags.cwd,
        stage: flags.stage,
        region: flags.region ?? null,
        variables: flags.env ?? {},
      };
      await carryOut(await prepareDeploy(target, io), { dryRun, yes, prune, refresh, json }, io);
    });
}
