import type { Command } from "commander";
import type { StageFlags } from "../deploy/manage/open-stage.js";
import type { CommandIo, GlobalOptions } from "./command.js";
import { refuseUnasked } from "./refuse-unasked.js";
import { addStageOptions } from "./stage-options.js";

type RollbackFlags = GlobalOptions &
  StageFlags & { to?: string; dryRun?: boolean; yes?: boolean; json?: boolean };

/** `queue-run rollback`: makes an earlier deploy serve again, all functions together. */
export function configure(command: Command, io: CommandIo): void {
  addStageOptions(command)
    .option("--to <deploy>", "the deploy, as `versions` lists it (default: the one before what serves)")
    .option("--dry-run", "print what would be done, and do nothing")
    .option("-y, --yes", "do not ask")
    .option("--json", "print what was done as JSON, at the end")
    .action(async () => {
      const flags = command.optsWithGlobals<RollbackFlags>();
      const { dryRun = false, yes = false, json = false } = flags;
      refuseUnasked(command, { yes, dryRun, json }, io);
      const { openStage } = await import("../deploy/manage/open-stage.js");
      const { prepareRollback } = await import("../deploy/manage/rollback/prepare-rollback.js");
      const { carryOut } = await import("../deploy/carry-out.js");
      const target = flags.to === undefined ? "earlier" : { id: flags.to };
      const prepared = await prepareRollback(await openStage(flags, io), target);
      const planning = { prune: false, refresh: false, isGoingBack: true };
      await carryOut(prepared, { ...planning, dryRun, yes, json }, io);
    });
}
