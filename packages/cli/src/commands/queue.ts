import type { Command } from "commander";
import type { StageFlags } from "../deploy/manage/open-stage.js";
import type { CommandIo, GlobalOptions } from "./command.js";
import { payloadArgument } from "./payload-argument.js";
import { addPushFlags, asPushFlagError, type PushFlags, toPushOptions } from "./push-flags.js";
import { addStageOptions } from "./stage-options.js";

type QueueFlags = GlobalOptions & StageFlags & PushFlags & { json?: boolean };

/** `queue-run queue NAME [payload|@file|-]`: a push to a deployed queue, as code of the project would make it. */
export function configure(command: Command, io: CommandIo): void {
  command
    .argument("<name>", "the queue: emails, orders.fifo")
    .argument("[payload]", "JSON or text, @file, or - for standard input")
    .option("--json", "print the job's id as JSON");
  addPushFlags(addStageOptions(command)).action(async (name: string, payload: string | undefined) => {
    const flags = command.optsWithGlobals<QueueFlags>();
    const { openStage } = await import("../deploy/manage/open-stage.js");
    const { pushJob } = await import("../deploy/manage/push-job.js");
    const stage = await openStage(flags, io);
    const given = await payloadArgument(payload, flags.cwd);
    const jobId = await pushJob(stage, flags.cwd, name, given, toPushOptions(flags)).catch(
      (error: unknown) => {
        throw asPushFlagError(error);
      },
    );
    io.stdout.write(
      flags.json
        ? `${JSON.stringify({ jobId })}\n`
        : `Pushed ${jobId} to ${name} of ${stage.project} ${stage.stage}\n`,
    );
  });
}
