import type { Command } from "commander";
import type { DeployedStage } from "../deploy/manage/deployed-stage.js";
import type { StageFlags } from "../deploy/manage/open-stage.js";
import { queueNotDeployedError } from "../errors/stage-errors.js";
import type { CommandIo } from "./command.js";
import { configureFailedCommands } from "./failed-commands.js";
import { addStageOptions } from "./stage-options.js";

const QUEUE_PREFIX = "queue:";

/** `queue-run failed`: the dead letters of a deployed stage. */
export function configure(command: Command, io: CommandIo): void {
  configureFailedCommands<StageFlags>(command, io, {
    addOptions: addStageOptions,
    open: async (flags) => {
      const { openStage } = await import("../deploy/manage/open-stage.js");
      const { readDeployedStage } = await import("../deploy/manage/deployed-stage.js");
      const { findStageQueues } = await import("../deploy/manage/failed/find-queues.js");
      const stage = await openStage(flags, io);
      // What is deployed rather than the files that are here: a removed queue's dead letters have to be dealt with too.
      const names = queueNamesOf(await readDeployedStage(stage));
      const { queue } = flags;
      if (queue !== undefined && !names.includes(queue) && stage.outline.queueNames.includes(queue))
        throw queueNotDeployedError(queue, stage.stage, stage.aws.region);
      return { names, find: (chosen) => findStageQueues(stage, chosen) };
    },
  });
}

function queueNamesOf({ functions }: DeployedStage): string[] {
  return functions.flatMap(({ id }) => (id.startsWith(QUEUE_PREFIX) ? [id.slice(QUEUE_PREFIX.length)] : []));
}
