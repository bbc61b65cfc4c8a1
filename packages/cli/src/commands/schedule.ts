import type { Command } from "commander";
import type { StageFlags } from "../deploy/manage/open-stage.js";
import type { CommandIo, GlobalOptions } from "./command.js";
import { addStageOptions } from "./stage-options.js";

type ScheduleFlags = GlobalOptions & StageFlags & { json?: boolean };

/** `queue-run schedule NAME`: runs a deployed schedule now, besides its times. */
export function configure(command: Command, io: CommandIo): void {
  command.argument("<name>", "the schedule: daily").option("--json", "print the run's request id as JSON");
  addStageOptions(command).action(async (name: string) => {
    const flags = command.optsWithGlobals<ScheduleFlags>();
    const { openStage } = await import("../deploy/manage/open-stage.js");
    const { runSchedule } = await import("../deploy/manage/run-schedule.js");
    const requestId = await runSchedule(await openStage(flags, io), name);
    io.stdout.write(
      flags.json
        ? `${JSON.stringify({ requestId })}\n`
        : `Started ${name}. See what it does: npx queue-run logs --stage ${flags.stage} --schedule ${name} --follow\n`,
    );
  });
}
