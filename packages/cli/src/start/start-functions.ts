import type { BuiltProject } from "../build/built-project.js";
import type { Clock } from "../clock/clock.js";
import type { CommandIo } from "../commands/command.js";
import { type Runner, startRunner } from "../dev/runner/runner.js";
import type { Slot } from "../dev/runner/slot.js";
import { workerThreads } from "../dev/runner/worker-thread.js";
import type { PortableError } from "../dev/worker/protocol.js";
import type { QueueDefinition } from "../project/manifest.js";
import { projectSettings } from "../project/project-settings.js";
import { startApiThreads } from "./api-threads.js";
import { builtFunctions } from "./built-functions.js";
import type { StartLog } from "./start-log.js";

/** A project's functions, in worker threads. */
export type RunningFunctions = {
  /** Of the queues. */
  runner: Runner;
  /** A place for a request; null when no routes are served, or when they are stopped. */
  acquireApi(): Promise<Slot | null>;
  /** Requests and deliveries that run now. */
  running(): number;
  /** Ends every thread. */
  stop(): Promise<void>;
};

/**
 * @param queues - those whose functions may be asked for
 * @param ports.env - what handlers see
 * @param ports.http - whether routes are served
 * @param ports.letGo - stops keeping messages invisible
 * @throws QueueRunError `QR_NO_BUILD` when a function was not built
 */
export function startFunctions(
  project: BuiltProject,
  queues: readonly QueueDefinition[],
  ports: {
    clock: Clock;
    log: StartLog;
    stderr: CommandIo["stderr"];
    env: Record<string, string | undefined>;
    http: boolean;
    letGo: (messageIds: string[]) => Promise<void>;
  },
): RunningFunctions {
  const { clock, log, stderr, env, http, letGo } = ports;
  const definitions = builtFunctions(project, queues, http);
  const spawn = workerThreads({ env: () => env, colors: false, worker: "@queue-run/cli/start-worker" });
  const output = (id: string, stream: "stdout" | "stderr", text: string): void => {
    if (stream === "stdout") log.output(id.replace(/^queue:/, ""), text);
    else stderr.write(text);
  };
  const crashed = (error: PortableError): void => log.line("ERROR", error.message, { error });
  const runner = startRunner({
    clock,
    spawn,
    moduleUrl: () => Promise.reject(new Error("Functions that are built have all of their modules.")),
    services: () => null,
    letGo,
    reports: {
      events: (events) => {
        for (const event of events) if (event.kind === "error") crashed(event.error);
      },
      output,
    },
  });
  runner.useMemory(projectSettings(project.settings).memoryMegabytes);
  for (const [id, definition] of definitions.queues) runner.define(id, definition);
  const api =
    definitions.api === null
      ? null
      : startApiThreads(definitions.api, {
          clock,
          spawn,
          output: (stream, text) => output("api", stream, text),
          crashed,
        });
  return {
    runner,
    acquireApi: async () => api?.acquire() ?? null,
    running: () => runner.busyCount() + (api?.running() ?? 0),
    async stop() {
      await Promise.all([runner.stop(), api?.stop()]);
    },
  };
}
