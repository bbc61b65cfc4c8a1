import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { realClock } from "../clock/real-clock.js";
import type { CommandIo } from "../commands/command.js";
import { ProjectProblemsError } from "../errors/project-errors.js";
import { projectSettings } from "../project/project-settings.js";
import { createProjectReader, type Manifest, type ProjectReading } from "../project/read-project.js";
import type { Reporter } from "../terminal/reporter.js";
import { useColors } from "../terminal/use-colors.js";
import type { Dashboard } from "./dashboard/dashboard.js";
import { createRecentEvents } from "./dashboard/recent-events.js";
import { recordingReporter } from "./dashboard/recording-reporter.js";
import { dataFolder, removeAddress, writeAddress } from "./data-folder.js";
import { deferred } from "./deferred.js";
import type { DevOptions } from "./dev-options.js";
import { createEnvironment } from "./environment.js";
import { type HttpServer, startHttpServer } from "./http/http-server.js";
import { instanceConfig } from "./instance-config.js";
import { openQueues } from "./open-queues.js";
import { ownEndpoints } from "./own-endpoints.js";
import { createProjectCode } from "./project-code.js";
import type { Queues } from "./queues/queues.js";
import { startReloading } from "./reload/start-reloading.js";
import { startRunner } from "./runner/runner.js";
import { stayAwake } from "./runner/stay-awake.js";
import { workerThreads } from "./runner/worker-thread.js";
import { runScheduleNow } from "./schedules/run-schedule-now.js";
import { largestBody, type ServedProject, serveProject } from "./served-project.js";
import { servicesListener } from "./services/services-listener.js";
import { type DevServices, startServices } from "./services/start-services.js";
import { createSocketServer, type SocketServer } from "./socket/socket-server.js";
import { statusOf } from "./status.js";

export type DevServer = {
  url: string;
  /** Stops it, gently at first; what does not end in `graceMs` is cut off. */
  stop(graceMs: number): Promise<void>;
};

/** How long ended workers are waited for: a thread's last moments can take long on a busy machine. */
const WORKERS_END_MS = 1_000;

/** Addresses of this machine alone. */
const LOOPBACK = ["127.0.0.1", "::1"];

/** How much of what happened a dashboard shows that is opened later. */
const RECENT_EVENTS = 1_000;

/** What has been started so far, and has to be stopped. */
type Started = {
  http?: HttpServer;
  runner?: ReturnType<typeof startRunner>;
  sockets?: SocketServer;
  queues?: Queues;
  services?: DevServices;
  project?: ServedProject;
  reloading?: { stop: () => void };
  dashboard?: Promise<Dashboard>;
};

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
  const started: Started = {};
  try {
    const url = await start(started, options, io, reporter);
    return { url, stop: (graceMs) => stop(started, graceMs) };
  } catch (error) {
    await stop(started, 0);
    throw error;
  }
}

async function start(
  started: Started,
  options: DevOptions,
  io: CommandIo,
  watching: Reporter,
): Promise<string> {
  const { root } = options;
  const clock = realClock;
  const recent = createRecentEvents(RECENT_EVENTS, clock.now);
  const reporter = recordingReporter(watching, recent);
  const folder = dataFolder(root);
  const serving = deferred();
  let own: ReturnType<typeof ownEndpoints> | null = null;

  // The port first: handlers are told the URL. Requests that come early wait.
  const http = await startHttpServer(options.host === null ? LOOPBACK : [options.host], options.port, {
    acquire: () => (serving.done ? runner.acquire("api") : serving.promise.then(() => runner.acquire("api"))),
    own: (request, response) => void serving.promise.then(() => own?.(request, response)),
    upgrade: (request, socket, head) =>
      void serving.promise.then(() => sockets.upgrade(request, socket, head)),
    maxBodyBytes: () => largestBody(started.project?.manifest().routes ?? []),
    clock,
    reports: { invocationFailed: (request, fault) => reporter.requestFailed(request, fault) },
  });
  started.http = http;
  const url = `http://localhost:${http.port}`;

  const environment = createEnvironment(options, io, url);
  const runner = startRunner({
    clock,
    spawn: workerThreads({ env: environment.current, colors: useColors(io) && !options.json }),
    services: () => started.services?.local ?? null,
    onGiven: stayAwake(),
    moduleUrl: (file) => code.moduleUrl(file),
    reports: {
      events: (events) => {
        for (const event of events) reporter.event(event);
      },
      output: (id, stream, text) => reporter.output(id.replace(/^(?:queue|schedule):/, ""), stream, text),
    },
  });
  started.runner = runner;
  const sockets = createSocketServer({
    acquire: () => runner.acquire("socket"),
    clock,
    reports: { invocationFailed: (event, fault) => reporter.requestFailed(event, fault) },
  });
  started.sockets = sockets;

  const reader = createProjectReader(root, { stage: "dev" });
  const reloading = startReloading(root, reporter);
  started.reloading = reloading;
  const listener = servicesListener(() => started.services?.local ?? null);
  const opening = openQueues(options, folder, reporter, listener).then((queues) => (started.queues = queues));
  // Both to their end, whatever becomes of either: what was opened is closed again.
  const [opened, reading] = await Promise.allSettled([opening, reader.read()]);
  const { manifest, warnings } = manifestOf(resultOf(reading));
  const queues = resultOf(opened);
  const services = await startServices({
    folder,
    fresh: options.fresh,
    queues,
    clock,
    reporter,
    listener,
    connections: sockets.service,
  });
  started.services = services;
  for (const { file, message, fix } of warnings) reporter.warning(`${file}: ${message} ${fix}`);

  const { external } = manifest.settings;
  const outDir = join(folder, "modules");
  const code = createProjectCode(async () => {
    const { createDevModules } = await import("../build/dev-modules.js");
    return createDevModules({ root, outDir, ...(external && { external }) });
  }, reloading.reach);
  const applyEnvironment: Parameters<typeof reloading.begin>[0]["refreshEnvironment"] = (changed) => {
    const isNew = environment.refresh(changed);
    if (isNew) runner.renewAll();
    runner.useMemory(projectSettings(changed.settings).memoryMegabytes);
    return isNew;
  };
  applyEnvironment(manifest);
  environment.warn(manifest, reporter);

  const instanceOf = (changed: Manifest) =>
    instanceConfig(changed, { sqs: queues.place, services: services.endpoint, baseUrl: url });
  const project = await serveProject(manifest, {
    runner,
    clock,
    reporter,
    onManifest(changed) {
      http.serveUpgrades(changed.socket !== null);
      if (changed.socket === null) sockets.closeAll();
      void serving.promise.then(() => writeTypesOf(changed));
    },
    ensureQueues: queues.ensure,
    messagesOf: queues.messagesOf,
    releaseLeases: services.table.releaseLeases,
    instanceOf,
    timed: options.inspect === null,
  });
  started.project = project;
  const nextRunMs = (name: string) => project.scheduler()?.nextRunMs(name) ?? null;
  own = ownEndpoints({
    port: () => http.port,
    instance: () => instanceOf(project.manifest()),
    status: () => statusOf(project, runner, url, queues),
    runSchedule: (name) => runScheduleNow(project, name),
    dashboard() {
      started.dashboard ??= import("./dashboard/dashboard.js").then(({ createDashboard }) =>
        createDashboard({
          manifest: project.manifest,
          instance: () => instanceOf(project.manifest()),
          url,
          sqsEndpoint: queues.shownEndpoint,
          nextRunMs,
          recent,
        }),
      );
      return started.dashboard;
    },
  });
  project.start();
  reloading.begin({ reader, code, project, environment, refreshEnvironment: applyEnvironment });
  writeAddress(folder, { pid: process.pid, port: http.port, sqsPort: queues.port });
  reporter.serving(manifest, { url, sqsEndpoint: queues.shownEndpoint, nextRunMs });
  serving.resolve();
  reporter.ready(url);
  services.prepare(manifest.queues.some(({ settings }) => settings.track));
  void code.load();
  return url;
}

/** Keeps .queue-run/types.d.ts up to date, for editors; not before the server is ready. */
async function writeTypesOf(manifest: Manifest): Promise<void> {
  const { writeTypes } = await import("../build/type-declarations.js");
  writeTypes(manifest);
}

function resultOf<T>(settled: PromiseSettledResult<T>): T {
  if (settled.status === "rejected") throw settled.reason;
  return settled.value;
}

function manifestOf(reading: ProjectReading): Extract<ProjectReading, { manifest: unknown }> {
  if ("problems" in reading) throw new ProjectProblemsError(reading.problems);
  return reading;
}

/** Running requests and jobs get `graceMs`; then their workers are ended, and their messages are visible again. */
async function stop(
  { http, runner, sockets, queues, services, project, reloading, dashboard }: Started,
  graceMs: number,
): Promise<void> {
  reloading?.stop();
  // Its connections would keep the HTTP server from ending.
  await dashboard?.then((page) => page.close()).catch(() => {});
  const calm = Promise.all([http?.stop(), project?.stop(), sockets?.stop()]);
  const patience = new AbortController();
  if (graceMs > 0) await Promise.race([calm, sleep(graceMs, null, patience).catch(() => {})]);
  patience.abort();
  await Promise.race([runner?.stop(), sleep(WORKERS_END_MS, null, { ref: false })]);
  http?.cut();
  sockets?.cut();
  await calm;
  await queues?.stopServing();
  await services?.close();
  await queues?.close();
  if (project) removeAddress(project.manifest().root);
}
