import { retryDelaySeconds } from "@queue-run/runtime/config";
import type { InstanceConfig } from "@queue-run/runtime/instance";
import { LAMBDA_MAX_PAYLOAD_BYTES } from "@queue-run/runtime/limits";
import type { Clock } from "../clock/clock.js";
import type { Manifest, QueueDefinition, RouteDefinition } from "../project/manifest.js";
import { batchLimits } from "../resources/batch-limits.js";
import type { Reporter } from "../terminal/reporter.js";
import { type EventSource, type EventSourceSettings, startEventSource } from "./event-source/event-source.js";
import type { MessageSource } from "./event-source/message-source.js";
import { functionDefinitions } from "./function-definitions.js";
import type { FunctionId, Runner } from "./runner/runner.js";
import type { Scheduler } from "./schedules/scheduler.js";

export type ServedProjectPorts = {
  runner: Runner;
  clock: Clock;
  reporter: Reporter;
  /** Creates queues that are missing and sets the others to what they should be. */
  ensureQueues: (queues: QueueDefinition[]) => Promise<void>;
  messagesOf: (queue: string) => MessageSource;
  /** Lets jobs be claimed again that an invocation ran whose process has ended. */
  releaseLeases: (requestId: string) => Promise<void>;
  /** Told of the project as it is served, whenever that is new. */
  onManifest: (manifest: Manifest) => void;
  /** What every instance knows of the project. */
  instanceOf: (manifest: Manifest) => InstanceConfig;
  /** Whether functions are ended when their time is up; not under a debugger. */
  timed: boolean;
};

/** The project as it is served: its functions, and what feeds the functions of its queues and schedules. */
export type ServedProject = {
  manifest(): Manifest;
  /**
   * Serves what the project says now. What did not change goes on undisturbed.
   *
   * @param renewed - functions whose code changed, each with files to load ahead of its next event
   * @returns whether anything is different now
   */
  apply(manifest: Manifest, renewed: ReadonlyMap<FunctionId, string[]>): Promise<boolean>;
  /** Begins to poll the queues, and to run the schedules. */
  start(): void;
  /** Stops both; resolves when the invocations under way have ended. */
  stop(): Promise<void>;
  /** Null while the project has no schedules. */
  scheduler(): Scheduler | null;
};

/** Makes functions and queues of a project; nothing is polled or run before `start`. */
export async function serveProject(initial: Manifest, ports: ServedProjectPorts): Promise<ServedProject> {
  const { runner, clock, reporter } = ports;
  let manifest = initial;
  let manifestText = JSON.stringify(initial);
  let texts = new Map<FunctionId, string>();
  let instanceText = "";
  let queuesText = "";
  let isStarted = false;
  let scheduler: Scheduler | null = null;
  const sources = new Map<string, EventSource>();
  const ending = new Set<Promise<void>>();

  function define(renewed: ReadonlyMap<FunctionId, string[]>): boolean {
    const definitions = functionDefinitions(manifest, ports.instanceOf(manifest), ports.timed);
    const [some] = definitions.values();
    // What instances know of the project is the same for all of them, and large: it is compared once.
    const nextInstanceText = JSON.stringify(some?.instance);
    const sameInstance = nextInstanceText === instanceText;
    let isDifferent = false;
    const nextTexts = new Map<FunctionId, string>();
    for (const [id, definition] of definitions) {
      const text = JSON.stringify({ ...definition, instance: null });
      nextTexts.set(id, text);
      if (sameInstance && !renewed.has(id) && texts.get(id) === text) continue;
      runner.define(id, definition);
      isDifferent = true;
    }
    for (const id of texts.keys()) {
      if (nextTexts.has(id)) continue;
      runner.remove(id);
      isDifferent = true;
    }
    texts = nextTexts;
    instanceText = nextInstanceText;
    return isDifferent;
  }

  async function ensureQueues(): Promise<boolean> {
    const text = JSON.stringify(manifest.queues);
    if (text === queuesText) return false;
    await ports.ensureQueues(manifest.queues);
    queuesText = text;
    return true;
  }

  function poll(): void {
    const wanted = new Map(manifest.queues.map((queue) => [queue.name, queue]));
    for (const [name, source] of sources)
      if (!wanted.has(name)) {
        sources.delete(name);
        end(source);
      }
    for (const [name, queue] of wanted) {
      const source = sources.get(name);
      if (source) source.update(sourceSettings(queue));
      else sources.set(name, start(queue));
    }
  }

  function start(queue: QueueDefinition): EventSource {
    return startEventSource(sourceSettings(queue), {
      messages: ports.messagesOf(queue.name),
      acquire: (signal) => runner.acquire(`queue:${queue.name}`, signal),
      clock,
      async died(requestId) {
        const { settings } = manifest.queues.find(({ name }) => name === queue.name) ?? queue;
        if (settings.track) await ports.releaseLeases(requestId);
      },
      reports: {
        batchFailed: (messages, outcome, backInSeconds) =>
          reporter.batchFailed({ queueName: queue.name, messages, outcome, backInSeconds }),
        pollFailed: (error) =>
          reporter.warning(
            `${queue.name}: polling failed: ${error instanceof Error ? error.message : String(error)}`,
          ),
      },
    });
  }

  function end(source: EventSource): Promise<void> {
    const ended = source.stop().finally(() => ending.delete(ended));
    ending.add(ended);
    return ended;
  }

  /** What reckons with time is loaded by projects that have schedules. */
  async function ensureScheduler(): Promise<void> {
    if (scheduler || manifest.schedules.length === 0) return;
    const { createScheduler } = await import("./schedules/scheduler.js");
    scheduler = createScheduler({
      acquire: (name, signal) => runner.acquire(`schedule:${name}`, signal),
      clock,
      reports: { event: reporter.event, runFailed: reporter.runFailed },
    });
  }

  ports.onManifest(manifest);
  define(new Map());
  await Promise.all([ensureQueues(), ensureScheduler()]);
  return {
    manifest: () => manifest,
    async apply(changed, renewed) {
      // The usual save changes code alone: what was made of the manifest stays, and the very same manifest, which is
      // what the project's reader gives then, is not even compared, however large it is.
      const text = changed === manifest ? manifestText : JSON.stringify(changed);
      manifest = changed;
      if (text === manifestText) {
        for (const [id, preload] of renewed) runner.renew(id, preload);
        return renewed.size > 0;
      }
      manifestText = text;
      ports.onManifest(changed);
      const newFunctions = define(renewed);
      const [newQueues] = await Promise.all([ensureQueues(), ensureScheduler()]);
      if (isStarted) scheduler?.update(manifest.schedules);
      if (newQueues && isStarted) poll();
      return newFunctions || newQueues;
    },
    start() {
      isStarted = true;
      poll();
      scheduler?.update(manifest.schedules);
    },
    async stop() {
      isStarted = false;
      for (const source of sources.values()) end(source);
      sources.clear();
      await Promise.all([...ending, scheduler?.stop()]);
    },
    scheduler: () => scheduler,
  };
}

function sourceSettings({ settings, fifo }: QueueDefinition): EventSourceSettings {
  return {
    ...batchLimits(settings),
    batchWindowSeconds: fifo ? 0 : settings.batchWindowSeconds,
    fifo,
    returnDelaySeconds: (receiveCount) => retryDelaySeconds(settings, receiveCount, Math.random),
  };
}

const DEFAULT_MAX_BODY_BYTES = 1024 ** 2;

/** The largest body that any route takes, in bytes; no more than Lambda does. */
export function largestBody(routes: RouteDefinition[]): number {
  let largest = DEFAULT_MAX_BODY_BYTES;
  for (const { settings } of routes) largest = Math.max(largest, settings.maxBodyBytes);
  return Math.min(largest, LAMBDA_MAX_PAYLOAD_BYTES);
}
