import { join } from "node:path";
import { LAMBDA_MAX_PAYLOAD_BYTES } from "@queue-run/runtime/limits";
import { realClock } from "../clock/real-clock.js";
import type { CommandIo } from "../commands/command.js";
import { ProjectProblemsError } from "../errors/project-errors.js";
import {
  createProjectReader,
  type Manifest,
  type Problem,
  type ProjectReading,
} from "../project/read-project.js";
import type { Reporter } from "../terminal/reporter.js";
import { useColors } from "../terminal/use-colors.js";
import { dataFolder, removeAddress, writeAddress } from "./data-folder.js";
import { deferred } from "./deferred.js";
import type { DevOptions } from "./dev-options.js";
import { createEnvironment } from "./environment.js";
import { functionDefinitions, projectMemory } from "./function-definitions.js";
import { startHttpServer } from "./http/http-server.js";
import { instanceConfig } from "./instance-config.js";
import { openLocalQueues, type Queues } from "./local-queues.js";
import { ownEndpoints } from "./own-endpoints.js";
import { createProjectCode } from "./project-code.js";
import { collectChanges } from "./reload/collect-changes.js";
import { createReload } from "./reload/reload.js";
import { type FileWatcher, watchFiles } from "./reload/watch-files.js";
import { type Runner, startRunner } from "./runner/runner.js";
import { workerThreads } from "./runner/worker-thread.js";
import { type ServedProject, serveProject } from "./served-project.js";

export type DevServer = {
  url: string;
  port: number;
  sqsPort: number | null;
  /** Stops it, gently at first; what does not end in `graceMs` is cut off. */
  stop(graceMs: number): Promise<void>;
};

/** Addresses of this machine alone. */
const LOOPBACK = ["127.0.0.1", "::1"];
const DEFAULT_MAX_BODY_BYTES = 1024 ** 2;

/**
 * Starts everything that `queue-run dev` is: resolves when every route, every queue and the SQS endpoint answer.
 *
 * @throws QueueRunError for a project with problems, a taken port, data that another server uses; nothing is left
 *   running then
 */
export async function startDevServer(
  options: DevOptions,
  io: CommandIo,
  reporter: Reporter,
): Promise<DevServer> {
  const { root } = options;
  const clock = realClock;
  const folder = dataFolder(root);
  const cleanUp: (() => Promise<unknown>)[] = [];
  try {
    const serving = deferred();
    const http = await startHttpServer(options.host === null ? LOOPBACK : [options.host], options.port, {
      acquire: (signal) =>
        serving.done
          ? runner.acquire("api", signal)
          : serving.promise.then(() => runner.acquire("api", signal)),
      own: (request, response) => void serving.promise.then(() => own(request, response)),
      maxBodyBytes: () => maxBody.bytes,
      clock,
      reports: { invocationFailed: (request, fault) => reporter.requestFailed(request, fault) },
    });
    cleanUp.push(
      async () => http.cut(),
      () => http.stop(),
    );
    const url = `http://localhost:${http.port}`;

    const environment = createEnvironment(options, io, url);
    const runner = startRunner({
      clock,
      spawn: workerThreads({ env: environment.current, colors: useColors(io) && !options.json }),
      moduleUrl: (file) => code.moduleUrl(file),
      reports: {
        events: (events) => {
          for (const event of events) reporter.event(event);
        },
        output: (id, stream, text) => reporter.output(id.replace(/^queue:/, ""), stream, text),
      },
    });
    cleanUp.push(() => runner.stop());

    const reader = createProjectReader(root, { stage: "dev" });
    const [reading, queues, modules] = await allOrFirstError(
      reader.read(),
      openQueues(options, folder, reporter).then((opened) => {
        cleanUp.push(() => opened.stopServing().then(() => opened.close()));
        return opened;
      }),
      import("../build/dev-modules.js"),
    );
    const { manifest, warnings } = manifestOf(reading);
    for (const { file, message, fix } of warnings) reporter.warning(`${file}: ${message} ${fix}`);

    let watcher: FileWatcher | null = null;
    const external = manifest.settings.external;
    const code = createProjectCode(
      modules.createDevModules({ root, outDir: join(folder, "modules"), ...(external && { external }) }),
      (files) => watcher?.add(files),
    );
    environment.refresh(manifest);
    runner.useMemory(projectMemory(manifest));
    const maxBody = { bytes: 0 };
    const project = await serveProject(manifest, {
      runner,
      clock,
      reporter,
      ensureQueues: queues.ensure,
      messagesOf: queues.messagesOf,
      functionsOf: (changed) => {
        const largest = Math.max(
          DEFAULT_MAX_BODY_BYTES,
          ...changed.routes.map(({ settings }) => settings.maxBodyBytes),
        );
        maxBody.bytes = Math.min(largest, LAMBDA_MAX_PAYLOAD_BYTES);
        return functionDefinitions(
          changed,
          instanceConfig(changed, queues.place, url),
          options.inspect === null,
        );
      },
    });
    environment.warn(manifest, reporter);
    const own = ownEndpoints({
      port: () => http.port,
      instance: () => instanceConfig(project.manifest(), queues.place, url),
      status: () => statusOf(project, runner, url, queues),
    });
    cleanUp.push(() => project.stopPolling());
    project.startPolling();
    reporter.serving(manifest, {
      url,
      sqsEndpoint: queues.port === null ? queues.place.endpoint : `http://localhost:${queues.port}`,
    });
    writeAddress(folder, { pid: process.pid, port: http.port, sqsPort: queues.port });

    const changes = collectChanges(
      clock,
      createReload({
        root,
        reader,
        code,
        project,
        reporter,
        refreshEnvironment: (changed) => {
          const isNew = environment.refresh(changed);
          if (isNew) {
            environment.warn(changed, reporter);
            runner.renewAll();
          }
          runner.useMemory(projectMemory(changed));
          return isNew;
        },
        now: () => performance.now(),
      }),
    );
    watcher = watchFiles(root, changes.changed, (error) =>
      reporter.warning(
        `Saved files are not noticed: ${error instanceof Error ? error.message : String(error)}`,
      ),
    );
    watcher.add(code.reached());
    cleanUp.push(async () => {
      changes.stop();
      watcher?.close();
    });
    serving.resolve();
    reporter.ready(url);

    return {
      url,
      port: http.port,
      sqsPort: queues.port,
      async stop(graceMs) {
        changes.stop();
        const calm = Promise.all([http.stop(), project.stopPolling()]);
        await Promise.race([calm, new Promise((resolve) => setTimeout(resolve, graceMs))]);
        removeAddress(folder);
        await runCleanUp(cleanUp);
      },
    };
  } catch (error) {
    await runCleanUp(cleanUp);
    throw error;
  }
}

function manifestOf(reading: ProjectReading): { manifest: Manifest; warnings: Problem[] } {
  if ("problems" in reading) throw new ProjectProblemsError(reading.problems);
  return reading;
}

async function openQueues(options: DevOptions, folder: string, reporter: Reporter): Promise<Queues> {
  if (options.sqsEndpoint !== null) {
    const { openRemoteQueues } = await import("./remote-queues.js");
    return openRemoteQueues(options.sqsEndpoint);
  }
  return openLocalQueues({
    folder,
    fresh: options.fresh,
    port: options.sqsPort,
    onInternalError: (error) =>
      reporter.warning(`The local SQS failed: ${error instanceof Error ? error.stack : String(error)}`),
  });
}

function statusOf(project: ServedProject, runner: Runner, url: string, { port, place }: Queues): object {
  const { name, routes, queues } = project.manifest();
  return {
    project: name,
    url,
    sqsEndpoint: port === null ? place.endpoint : `http://localhost:${port}`,
    running: runner.busyCount(),
    routes: routes.map(({ path, file }) => ({ path, file })),
    queues: queues.map(({ name: queue, file, fifo }) => ({ name: queue, file, fifo })),
  };
}

/** As Promise.all, but waits for every promise, so that what was opened can be closed. */
async function allOrFirstError<T extends unknown[]>(
  ...promises: { [K in keyof T]: Promise<T[K]> }
): Promise<T> {
  await Promise.allSettled(promises);
  return (await Promise.all(promises)) as T;
}

async function runCleanUp(steps: (() => Promise<unknown>)[]): Promise<void> {
  for (const step of steps.reverse())
    await step().catch(() => {
      // What could not be closed goes with the process.
    });
}
