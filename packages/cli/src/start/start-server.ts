import { physicalQueueNames } from "@queue-run/runtime/names";
import type { BuiltProject } from "../build/built-project.js";
import type { Clock } from "../clock/clock.js";
import { realClock } from "../clock/real-clock.js";
import type { CommandIo } from "../commands/command.js";
import { connect } from "../deploy/aws/connect.js";
import { type HttpServer, startHttpServer } from "../dev/http/http-server.js";
import { describeDeath } from "../dev/runner/outcome.js";
import { type Runner, startRunner } from "../dev/runner/runner.js";
import { workerThreads } from "../dev/runner/worker-thread.js";
import { largestBody } from "../dev/served-project.js";
import type { PortableError } from "../dev/worker/protocol.js";
import { devStageError } from "../errors/start-errors.js";
import { unknownQueueError } from "../errors/unknown-name-errors.js";
import type { QueueDefinition } from "../project/manifest.js";
import { projectSettings } from "../project/project-settings.js";
import { findStageQueues, queueArn } from "../remote-sqs/stage-queues.js";
import { type ApiThreads, startApiThreads } from "./api-threads.js";
import { builtFunctions } from "./built-functions.js";
import { answerHealth, type Health, healthOf } from "./health.js";
import { openProject } from "./open-project.js";
import { pollQueue, type QueuePolling } from "./poll-queue.js";
import { createSqsClients, type SqsClients } from "./sqs-clients.js";
import { startEnvironment } from "./start-environment.js";
import type { StartLog } from "./start-log.js";
import type { StartOptions } from "./start-options.js";

/** Every address of the machine: a container is reached from outside of itself. */
const ALL_ADDRESSES = ["0.0.0.0", "::"];

export type StartedServer = {
  /** Polls and accepts no more; what has not ended after `graceMs` is ended, and its messages are given back. */
  stop(graceMs: number): Promise<void>;
};

/** What has been started so far, and has to be stopped. */
type Started = {
  phase: "starting" | "serving" | "stopping";
  clock: Clock;
  http?: HttpServer;
  runner?: Runner;
  api?: ApiThreads;
  clients?: SqsClients;
  pollings: QueuePolling[];
  dispose: () => void;
};

/**
 * Starts everything that `queue-run start` is: resolves when every route answers and every queue is polled.
 *
 * @throws QueueRunError for a project with problems, a stage that is not there, a taken port; nothing is left running
 */
export async function startServer(
  options: StartOptions,
  io: CommandIo,
  log: StartLog,
): Promise<StartedServer> {
  const started: Started = { phase: "starting", clock: realClock, pollings: [], dispose: () => {} };
  try {
    await start(started, options, io, log);
  } catch (error) {
    await stop(started, 0);
    throw error;
  }
  return { stop: (graceMs) => stop(started, graceMs) };
}

async function start(started: Started, options: StartOptions, io: CommandIo, log: StartLog): Promise<void> {
  const { clock } = started;
  if (options.stage === "dev") throw devStageError("start");
  const { project, dispose } = await openProject(options, log);
  started.dispose = dispose;
  const { stage } = project;
  const polled = polledQueues(project, options.queues);
  const region = options.region ?? projectSettings(project.settings).region;
  const aws = await connect({ region, env: io.env });
  const names = project.queues.map(({ name }) => name);
  const { urlPrefix, urls, account } = await findStageQueues(aws, { project: project.name, stage, names });

  const http = await startHttpServer(options.host === null ? ALL_ADDRESSES : [options.host], options.port, {
    acquire: () => started.api?.acquire() ?? Promise.resolve(null),
    own: (request, response) => answerHealth(request, response, currentHealth(started)),
    maxBodyBytes: () => largestBody(project.routes),
    clock,
    reports: {
      invocationFailed: ({ method, path, requestId }, fault) => {
        if (fault.kind === "no-function" || fault.kind === "too-large") return;
        const why = fault.kind === "died" ? describeDeath(fault.cause) : textOf(fault);
        log.line("ERROR", `${method} ${path} failed: ${why}`, { requestId });
      },
    },
  });
  started.http = http;
  const env = startEnvironment({
    project,
    stage,
    region: aws.region,
    queueUrlPrefix: urlPrefix,
    ownUrl: `http://localhost:${http.port}`,
    flags: options.variables,
    shell: io.env,
  });

  const spawn = workerThreads({ env: () => env, colors: false, worker: "@queue-run/cli/start-worker" });
  const output = (id: string, stream: "stdout" | "stderr", text: string): unknown =>
    stream === "stdout" ? log.output(id.replace(/^queue:/, ""), text) : io.stderr.write(text);
  const crashed = (error: PortableError): void => log.line("ERROR", error.message, { error });
  const runner = startRunner({
    clock,
    spawn,
    moduleUrl: () => Promise.reject(new Error("Functions that are built have all of their modules.")),
    sqs: () => null,
    letGo: async (messageIds) => {
      await Promise.all(started.pollings.map((polling) => polling.letGo(messageIds)));
    },
    reports: {
      events: (events) => {
        for (const event of events) if (event.kind === "error") crashed(event.error);
      },
      output,
    },
  });
  started.runner = runner;
  runner.useMemory(projectSettings(project.settings).memoryMegabytes);
  const functions = builtFunctions(project, polled, options.http);
  for (const [id, definition] of functions.queues) runner.define(id, definition);
  if (functions.api !== null)
    started.api = startApiThreads(functions.api, {
      clock,
      spawn,
      output: (stream, text) => output("api", stream, text),
      crashed,
    });

  const clients = createSqsClients(aws);
  started.clients = clients;
  for (const queue of polled) {
    const { name } = queue;
    const physicalName = physicalQueueNames({ project: project.name, stage, name }).queue;
    const url = urls.get(name) ?? urlPrefix + physicalName;
    const remote = {
      client: clients.calls,
      pollingClient: clients.polls,
      queueUrl: () => url,
      queueArn: queueArn(aws.region, account, physicalName),
      region: aws.region,
    };
    started.pollings.push(pollQueue(queue, remote, { runner, clock, log }));
  }
  started.phase = "serving";
  tellReady(log, project, http.port, { polled, http: options.http, region: aws.region });
}

function polledQueues({ queues }: BuiltProject, wanted: string[] | null): QueueDefinition[] {
  if (wanted === null) return queues;
  const names = queues.map(({ name }) => name);
  for (const name of wanted) if (!names.includes(name)) throw unknownQueueError(name, names);
  return queues.filter(({ name }) => wanted.includes(name));
}

function tellReady(
  log: StartLog,
  { name, stage, routes }: BuiltProject,
  port: number,
  { polled, http, region }: { polled: QueueDefinition[]; http: boolean; region: string },
): void {
  const serves = http && routes.length > 0 ? `Listening on port ${port}` : `Health on port ${port}`;
  const polls =
    polled.length === 0
      ? "polling no queue"
      : `polling ${polled.length === 1 ? "1 queue" : `${polled.length} queues`}`;
  const queues = polled.map((queue) => queue.name);
  log.line("INFO", `${serves}, ${polls} of ${name}, stage ${stage} in ${region}`, { port, queues });
}

function currentHealth({ phase, pollings, runner, api, clock }: Started): Health {
  return healthOf({
    phase,
    unansweredSinceMs: pollings.map((polling) => polling.unansweredSinceMs()),
    running: (runner?.busyCount() ?? 0) + (api?.running() ?? 0),
    nowMs: clock.now(),
  });
}

function textOf(fault: { kind: "failed"; error: { message: string } } | { kind: "no-answer" }): string {
  return fault.kind === "failed" ? fault.error.message : "the handler gave no answer";
}

async function stop(started: Started, graceMs: number): Promise<void> {
  const { clock, http, runner, api, clients, pollings, dispose } = started;
  started.phase = "stopping";
  const calm = Promise.all([http?.stop(), ...pollings.map((polling) => polling.stop())]);
  if (graceMs > 0) await Promise.race([calm, after(clock, graceMs)]);
  // Whose time is up now, is ended; its messages are given back by those who poll.
  await Promise.all([runner?.stop(), api?.stop()]);
  http?.cut();
  await calm;
  clients?.close();
  dispose();
}

function after(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => clock.at(clock.now() + ms, resolve));
}
