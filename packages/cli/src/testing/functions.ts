import { randomUUID } from "node:crypto";
import { url as inspectorUrl } from "node:inspector";
import { type InstanceConfig, onLifecycle } from "@queue-run/runtime/instance";
import { createStreamingHttpHandler, type StreamingHttpHandler } from "@queue-run/runtime/lambda/http";
import {
  createQueueHandler,
  type QueueHandlerPorts,
  type QueueLambdaHandler,
  type UserModule,
} from "@queue-run/runtime/lambda/queue";
import { createScheduleHandler, type ScheduleLambdaHandler } from "@queue-run/runtime/lambda/schedule";
import { connectRecords } from "@queue-run/runtime/records";
import type { Clock } from "../clock/clock.js";
import type { FunctionDefinition } from "../dev/runner/function-instances.js";
import type { Outcome } from "../dev/runner/outcome.js";
import type { FunctionId } from "../dev/runner/runner.js";
import { type LambdaContext, lambdaContext } from "../dev/worker/lambda-context.js";
import { toPortableError } from "../dev/worker/portable-error.js";
import type { InvocationPayload, WorkerFunction } from "../dev/worker/protocol.js";
import { toSqsEvent } from "../dev/worker/sqs-event.js";
import { crashingRecords } from "./crashing-records.js";
import { createStoppableClock } from "./stoppable-clock.js";

/** Loads a file of the project by its path from the root: the same module each time. */
export type LoadFile = (file: string) => Promise<UserModule>;

/** A project's functions, as instances in this process: each through the entry point that it has on Lambda. */
export type ProjectFunctions = {
  runQueue(name: string, delivery: QueueDelivery, trouble?: Trouble): Promise<Outcome>;
  runSchedule(name: string, payload: SchedulePayload): Promise<Outcome>;
  /** The API, and what it is told of one request; null where the project has no routes. */
  api(): { handler: StreamingHttpHandler; context: LambdaContext } | null;
  /** The first error of code that could not be loaded since the last time; null where there was none. */
  takeLoadError(): { error: unknown } | null;
  stop(): void;
};

/** What is different about an invocation in which something goes wrong on purpose. */
export type Trouble =
  /** Its time goes by this clock. */
  | { kind: "hasty"; clock: Clock }
  /** Its process ends when the jobs have, before their records say so. */
  | { kind: "crash" };

type QueueDelivery = Extract<InvocationPayload, { kind: "queue" }>["delivery"];
type SchedulePayload = Extract<InvocationPayload, { kind: "schedule" }>;
type SqsEvent = Parameters<QueueLambdaHandler>[0];

/** What remains while nothing is timed, under a debugger: the longest that a Node timer can wait. */
const UNTIMED_MS = 2_147_483_647;
const elapsedMs = performance.now.bind(performance);

/**
 * @param definitions - of all functions, as they would be deployed
 * @param clock - for those that run
 * @param random - 0 inclusive to 1 exclusive
 */
export function createFunctions({
  definitions,
  load,
  clock,
  random,
  instance,
  releaseLeases,
}: {
  instance: InstanceConfig;
  /** Lets jobs be claimed again that an invocation has left, by its request id. */
  releaseLeases: (requestId: string) => Promise<void>;
  definitions: ReadonlyMap<FunctionId, FunctionDefinition>;
  load: LoadFile;
  clock: Clock;
  random: () => number;
}): ProjectFunctions {
  const queueHandlers = new Map<string, QueueLambdaHandler>();
  const scheduleHandlers = new Map<string, ScheduleLambdaHandler>();
  let apiHandler: StreamingHttpHandler | null = null;
  let loadError: { error: unknown } | null = null;
  let lastJobError: unknown = null;
  const stopListening = onLifecycle("jobFailed", ({ error }) => {
    lastJobError = error;
  });

  /** Each environment of Lambda's warms up once; here, all functions share one. */
  let warmingUp: Promise<UserModule> | null = null;
  function loadIndex(index: string): Promise<UserModule> {
    warmingUp ??= load(index).then(async ({ warmup }) => {
      if (typeof warmup === "function") await warmup();
      return {};
    });
    warmingUp.catch(() => {
      warmingUp = null;
    });
    return warmingUp;
  }

  /** What is loaded for a function. What fails is remembered: no test wants to go on without its code. */
  function loadersOf({ index }: { index: string | null }) {
    const remembering = <T>(loading: Promise<T>): Promise<T> =>
      loading.catch((error: unknown) => {
        loadError ??= { error };
        throw error;
      });
    return {
      loadFile: (file: string) => remembering(load(file)),
      ...(index !== null && { loadIndex: () => remembering(loadIndex(index)) }),
    };
  }

  function definitionOf<Kind extends WorkerFunction["kind"]>(id: FunctionId, kind: Kind) {
    const definition = definitions.get(id);
    if (definition?.function.kind !== kind) throw new Error(`There is no function ${id}.`);
    return { ...definition, function: definition.function as Extract<WorkerFunction, { kind: Kind }> };
  }

  function makeQueueHandler(name: string, ports: Partial<QueueHandlerPorts> = {}): QueueLambdaHandler {
    const { fifo, settings, file, index } = definitionOf(`queue:${name}`, "queue").function;
    const { loadFile, ...loaders } = loadersOf({ index });
    return createQueueHandler(
      { name, fifo, settings, load: () => loadFile(file), ...loaders },
      { clock, random, ...ports },
    );
  }

  function makeScheduleHandler(name: string): ScheduleLambdaHandler {
    const { cron, settings, file, index } = definitionOf(`schedule:${name}`, "schedule").function;
    const { loadFile, ...loaders } = loadersOf({ index });
    return createScheduleHandler({ name, cron, settings, load: () => loadFile(file), ...loaders }, { clock });
  }

  function contextOf(id: FunctionId): LambdaContext {
    const { timeoutSeconds, memoryMegabytes } = definitions.get(id) ?? {
      timeoutSeconds: null,
      memoryMegabytes: 0,
    };
    const startedAtMs = elapsedMs();
    const isTimed = timeoutSeconds !== null && inspectorUrl() === undefined;
    return {
      ...lambdaContext(id.replace(":", "-"), memoryMegabytes)(randomUUID(), null),
      getRemainingTimeInMillis: () =>
        isTimed ? Math.max(0, timeoutSeconds * 1_000 - (elapsedMs() - startedAtMs)) : UNTIMED_MS,
    };
  }

  return {
    async runQueue(name, delivery, trouble) {
      const event = toSqsEvent(delivery) as unknown as SqsEvent;
      const context = contextOf(`queue:${name}`);
      if (trouble?.kind === "crash") {
        const { records, crashed } = crashingRecords(connectRecords(instance));
        const itsClock = createStoppableClock(clock);
        const running = outcomeOf(makeQueueHandler(name, { records, clock: itsClock })(event, context));
        const died = crashed.then<Outcome>(() => ({ kind: "died", cause: { kind: "exit", exitCode: 1 } }));
        const outcome = await Promise.race([running, died]);
        if (outcome.kind === "died") {
          itsClock.stop();
          await releaseLeases(context.awsRequestId);
        }
        return outcome;
      }
      const handler = trouble
        ? makeQueueHandler(name, { clock: trouble.clock })
        : kept(queueHandlers, name, makeQueueHandler);
      return outcomeOf(handler(event, context));
    },
    async runSchedule(name, { requestId, input }) {
      const handler = kept(scheduleHandlers, name, makeScheduleHandler);
      try {
        await handler(input, { ...contextOf(`schedule:${name}`), awsRequestId: requestId });
        return { kind: "returned", value: { error: null } };
      } catch (error) {
        const portable = toPortableError(error);
        if (error === lastJobError) return { kind: "returned", value: { error: portable } };
        return { kind: "failed", error: portable, told: true };
      }
    },
    api() {
      if (!definitions.has("api")) return null;
      const { routes, index } = definitionOf("api", "http").function;
      const { loadFile, ...loaders } = loadersOf({ index });
      apiHandler ??= createStreamingHttpHandler({ routes, load: loadFile, ...loaders });
      return { handler: apiHandler, context: contextOf("api") };
    },
    takeLoadError() {
      const taken = loadError;
      loadError = null;
      return taken;
    },
    stop: stopListening,
  };
}

async function outcomeOf(running: Promise<unknown>): Promise<Outcome> {
  try {
    return { kind: "returned", value: await running };
  } catch (error) {
    return { kind: "failed", error: toPortableError(error), told: true };
  }
}

function kept<T>(all: Map<string, T>, name: string, make: (name: string) => T): T {
  const made = all.get(name) ?? make(name);
  all.set(name, made);
  return made;
}
