import type { Command } from "commander";
import type { StageFlags } from "../deploy/manage/open-stage.js";
import { readProject } from "../project/read-project.js";
import { useColors } from "../terminal/use-colors.js";
import type { CommandIo, GlobalOptions } from "./command.js";
import { addStageOptions } from "./stage-options.js";

type StatusFlags = GlobalOptions & StageFlags & { json?: boolean };

/** `queue-run status`: what is deployed, and what waits in its queues. */
export function configure(command: Command, io: CommandIo): void {
  addStageOptions(command)
    .option("--json", "print JSON")
    .action(async () => {
      const flags = command.optsWithGlobals<StatusFlags>();
      const { openStage } = await import("../deploy/manage/open-stage.js");
      const { readStatus } = await import("../deploy/manage/status/read-status.js");
      const { statusText } = await import("../deploy/manage/status/print-status.js");
      const { createColors } = (await import("picocolors")).default;
      const stage = await openStage(flags, io);
      const status = await readStatus(stage);
      const next = await nextRuns(flags, stage.aws.clock.now());
      const text = flags.json
        ? JSON.stringify({ ...status, nextRuns: Object.fromEntries(next) }, null, 2)
        : statusText(
            status,
            new Map([...next].map(([name, { text }]) => [name, text])),
            createColors(useColors(io)),
          );
      io.stdout.write(`${text}\n`);
    });
}

/** Of the schedule files that are here, as far as they can be read: the stage may be older. */
async function nextRuns(
  { cwd, stage }: StatusFlags,
  nowMs: number,
): Promise<Map<string, { text: string; at: string[] }>> {
  const reading = await readProject(cwd, { stage });
  const next = new Map<string, { text: string; at: string[] }>();
  if ("problems" in reading || reading.manifest.schedules.length === 0) return next;
  const { runTimes } = await import("../schedules/run-times.js");
  for (const schedule of reading.manifest.schedules) {
    const { nextText, nextRunsMs } = runTimes(schedule, { nowMs, count: 1 });
    next.set(schedule.name, { text: nextText, at: nextRunsMs.map((at) => new Date(at).toISOString()) });
  }
  return next;
}
