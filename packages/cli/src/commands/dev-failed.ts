import type { Command } from "commander";
import type { CommandIo, GlobalOptions } from "./command.js";
import { configureFailedCommands } from "./failed-commands.js";

type DevFailedFlags = GlobalOptions & { port?: number };

/** What is asked of a running dev server's status. */
type Status = { sqsEndpoint: string; queues: { name: string }[] };

/** Adds `dev failed`: the dead letters of the running dev server. */
export function configureDevFailed(dev: Command, io: CommandIo): void {
  const failed = dev
    .command("failed")
    .description("jobs that have failed for good: list, show, retry, edit, purge");
  configureFailedCommands<DevFailedFlags>(failed, io, {
    addOptions: () => {},
    open: async ({ cwd, port }) => {
      const { sendToDevServer } = await import("../dev/dev-client.js");
      const { findDevQueues } = await import("../deploy/manage/failed/find-queues.js");
      const status = await sendToDevServer<Status>(cwd, port, "GET", "/_queue-run/status");
      return {
        names: status.queues.map(({ name }) => name),
        find: (names) => findDevQueues(status.sqsEndpoint, names),
      };
    },
  });
}
