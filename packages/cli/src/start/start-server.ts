import { physicalQueueNames } from "@queue-run/runtime/names";
import type { BuiltProject } from "../build/built-project.js";
import type { Clock } from "../clock/clock.js";
import { realClock } from "../clock/real-clock.js";
import type { CommandIo } from "../commands/command.js";
import { type Aws, connect } from "../deploy/aws/connect.js";
import { requireStageName } from "../deploy/desired/stage-name.js";
import { type Deferred, deferred } from "../dev/deferred.js";
import { type HttpServer, startHttpServer } from "../dev/http/http-server.js";
import { describeDeath } from "../dev/runner/outcome.js";
import { largestBody } from "../dev/served-project.js";
import { devStageError } from "../errors/start-errors.js";
import { unknownQueueError } from "../errors/unknown-name-errors.js";
import type { QueueDefinition } from "../project/manifest.js";
import { projectSettings } from "../project/project-settings.js";
import type { RemoteQueue } from "../remote-sqs/remote-messages.js";
import { findStageQueues, queueArn, type StageQueues } from "../remote-sqs/stage-queues.js";
import { type StageVariables, stageVariables } from "../remote-sqs/stage-variables.js";
import { answerHealth, type Health, healthOf } from "./health.js";
import { openProject } from "./open-project.js";
import { pollQueue, type QueuePolling } from "./poll-queue.js";
import { createSqsClients, type SqsClients } from "./sqs-clients.js";
import { startEnvironment } from "./start-environment.js";
import { type RunningFunctions, startFunctions } from "./start-functions.js";
import type { StartLog } from "./start-log.js";
import type { StartOptions } from "./start-options.js";

/** Every address of the machine: a container is reached from outside of itself. */
const ALL_ADDRESSES = ["0.0.0.0", "::"];

export type StartedServer = {
  /**
   * Polls no more, and accepts no more requests once its jobs have ended; what has not ended after `graceMs` is ended,
   * and its messages are given back.
   */
  stop(graceMs: number): Promise<void>;
};

type StagePlace = { aws: Aws; queues: StageQueues };

/** What has been started so far, and has to be stopped. */
type Started = {
  phase: "starting" | "serving" | "stopping";
  clock: Clock;
  log: StartLog;
  /** Resolved when requests can be answered: those that come before wait. */
  serving: Deferred;
  http?: HttpServer;
  functions?: RunningFunctions;
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
  const started: Started = {
    phase: "starting",
    clock: realClock,
    log,
    serving: deferred(),
    pollings: [],
    dispose: () => {},
  };
  try {
    await start(started, options, io);
  } catch (error) {
    await stop(started, 0);
    throw error;
  }
  return { stop: (graceMs) => stop(started, graceMs) };
}

async function start(started: Started, options: StartOptions, io: CommandIo): Promise<void> {
  const { clock, log } = started;
  if (options.stage === "dev") throw devStageError("start");
  if (options.stage !== null) requireStageName(options.stage);
  const { project, dispose } = await openProject(options, log);
  started.dispose = dispose;
  const polled = polledQueues(project, options.queues);
  const place = await findStage(project, options, io);

  // The port first: handlers are told the URL.
  const http = await listen(started, project, options);
  const functions = startFunctions(project, polled, {
    clock,
    log,
    stderr: io.stderr,
    env: startEnvironment({
      project,
      region: place?.aws.region ?? null,
      queueUrlPrefix: place?.queues.urlPrefix ?? "",
      stageVariables: place && variablesOf(project, place),
      ownUrl: `http://localhost:${http.port}`,
      flags: options.variables,
      shell: io.env,
    }),
    http: options.http,
    letGo: async (messageIds) => {
      await Promise.all(started.pollings.map((polling) => polling.letGo(messageIds)));
    },
  });
  started.functions = functions;
  started.serving.resolve();
  if (place) {
    const clients = createSqsClients(place.aws);
    started.clients = clients;
    for (const queue of polled)
      started.pollings.push(
        pollQueue(queue, remoteQueue(queue, project, place, clients), {
          runner: functions.runner,
          clock,
          log,
        }),
      );
  }
  started.phase = "serving";
  tellReady(log, project, http.port, { polled, http: options.http });
}

/** Where the queues are; null for a project without any, which needs no AWS. */
async function findStage(
  { name, stage, queues, settings }: BuiltProject,
  options: StartOptions,
  io: CommandIo,
): Promise<StagePlace | null> {
  if (queues.length === 0) return null;
  const region = options.region ?? projectSettings(settings).region;
  const aws = await connect({ region, env: io.env });
  const names = queues.map((queue) => queue.name);
  return { aws, queues: await findStageQueues(aws, { project: name, stage, names }) };
}

function variablesOf({ name: project, stage }: BuiltProject, { aws, queues }: StagePlace): StageVariables {
  return stageVariables({ project, stage, region: aws.region, account: queues.account });
}

async function listen(started: Started, project: BuiltProject, options: StartOptions): Promise<HttpServer> {
  const { clock, log, serving } = started;
  const hosts = options.host === null ? ALL_ADDRESSES : [options.host];
  const http = await startHttpServer(hosts, options.port, {
    acquire: async () => {
      if (!serving.done) await serving.promise;
      return started.functions?.acquireApi() ?? null;
    },
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
  return http;
}

function remoteQueue(
  { name }: QueueDefinition,
  project: BuiltProject,
  { aws, queues }: StagePlace,
  clients: SqsClients,
): RemoteQueue {
  const physicalName = physicalQueueNames({ project: project.name, stage: project.stage, name }).queue;
  const url = queues.urls.get(name) ?? queues.urlPrefix + physicalName;
  return {
    client: clients.calls,
    pollingClient: clients.polls,
    queueUrl: () => url,
    queueArn: queueArn(aws.region, queues.account, physicalName),
    region: aws.region,
  };
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
  { polled, http }: { polled: QueueDefinition[]; http: boolean },
): void {
  const serves = http && routes.length > 0 ? `Listening on port ${port}` : `Health on port ${port}`;
  const polls =
    polled.length === 0
      ? "polling no queue"
      : `polling ${polled.length === 1 ? "1 queue" : `${polled.length} queues`}`;
  const queues = polled.map((queue) => queue.name);
  log.line("INFO", `${serves}, ${polls} of ${name}, stage ${stage}`, { port, queues });
}

function currentHealth({ phase, pollings, functions, clock }: Started): Health {
  return healthOf({
    phase,
    unansweredSinceMs: pollings.map((polling) => polling.unansweredSinceMs()),
    running: functions?.running() ?? 0,
    nowMs: clock.now(),
  });
}

function textOf(fault: { kind: "failed"; error: { message: string } } | { kind: "no-answer" }): string {
  return fault.kind === "failed" ? fault.error.message : "the handler gave no answer";
}

async function stop(started: Started, graceMs: number): Promise<void> {
  const { clock, serving, http, functions, clients, pollings, dispose } = started;
  started.phase = "stopping";
  serving.resolve();
  const jobs = Promise.all(pollings.map((polling) => polling.stop()));
  // While jobs still run, requests are answered: who balances the load learns from the health endpoint where to send.
  const calm = jobs.then(() => http?.stop());
  if (graceMs > 0) await Promise.race([calm, after(clock, graceMs)]);
  // Whose time is up now, is ended; its messages are given back by those who poll.
  await functions?.stop();
  await jobs;
  http?.cut();
  await calm;
  clients?.close();
  dispose();
}

function after(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => clock.at(clock.now() + ms, resolve));
}
