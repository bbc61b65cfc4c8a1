import type { Command } from "commander";
import type { StageFlags } from "../deploy/manage/open-stage.js";
import type { CommandIo } from "./command.js";
import { configureFailedCommands } from "./failed-commands.js";
import { addStageOptions } from "./stage-options.js";

/** `queue-run failed`: the dead letters of a deployed stage. */
export function configure(command: Command, io: CommandIo): void {
  configureFailedCommands<StageFlags>(command, io, {
    addOptions: addStageOptions,
    open: async (flags) => {
      const { openStage } = await import("../deploy/manage/open-stage.js");
      const { findStageQueues } = await import("../deploy/manage/failed/find-queues.js");
      const stage = await openStage(flags, io);
      return { names: stage.outline.queueNames, find: (names) => findStageQueues(stage, names) };
    },
  });
}
