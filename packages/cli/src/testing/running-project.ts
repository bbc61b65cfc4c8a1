import { randomUUID } from "node:crypto";
import type { HttpTransport, InstanceConfig } from "@queue-run/runtime/instance";
import { createTestClock, type TestClock } from "../clock/test-clock.js";
import { functionDefinitions } from "../dev/function-definitions.js";
import { instanceConfig } from "../dev/instance-config.js";
import { ensureQueues } from "../dev/queues/ensure-queues.js";
import { LOCAL_OWNER } from "../dev/queues/queues.js";
import type { Outcome } from "../dev/runner/outcome.js";
import type { Scheduler } from "../dev/schedules/scheduler.js";
import type { QueueDelivery } from "../dev/worker/protocol.js";
import { createBroker } from "../local-sqs/broker/create-broker.js";
import type { Manifest, QueueDefinition } from "../project/manifest.js";
import { createActivity } from "./activity.js";
import type { Chaos } from "./chaos.js";
import { createDrainer, type Drainer } from "./drainer.js";
import { createFunctions, type LoadFile, type ProjectFunctions } from "./functions.js";
import { localAws, SQS_PLACE } from "./local-aws.js";
import { type ObservedBroker, observeBroker } from "./observed-broker.js";
import { createRunningClock } from "./project-clock.js";
import { type Print, type RunLog, startRunLog } from "./run-log.js";

/** A project's queues, functions and schedules at work in this process. */
export type RunningProject = Drainer &
  Pick<ObservedBroker, "pushed" | "deadLetters"> &
  Pick<RunLog, "runs" | "running"> &
  Pick<ProjectFunctions, "api"> & {
    /** What the runtime is to know of it. */
    instance: InstanceConfig;
    clock: TestClock;
    /** Tells people something; null: it is to be quiet. */
    print: Print | null;
    /** Jobs that wait for their time. */
    waiting(): number;
    /** Runs a schedule, and what it pushes. Returns false when there is none of that name. */
    runSchedule(name: string): Promise<boolean>;
    /** @throws what no test should miss: code that cannot be loaded, or that something is wrong with the project's own works */
    assertSound(): void;
    close(): Promise<void>;
  };

export type RunningProjectOptions = {
  load: LoadFile;
  startMs: number;
  /** 0 inclusive to 1 exclusive. Not for ids: those are never the same again. */
  random: () => number;
  chaos: Chaos | null;
  baseUrl: string;
  print: Print | null;
};

/** Runs nothing before it is drained. */
export async function runProject(
  manifest: Manifest,
  options: RunningProjectOptions,
): Promise<RunningProject> {
  const { load, startMs, random, chaos, baseUrl, print } = options;
  const clock = createTestClock(startMs);
  const runningClock = createRunningClock(clock.now);
  const activity = createActivity();
  const internalErrors: unknown[] = [];
  const onInternalError = (error: unknown): void => {
    internalErrors.push(error);
  };

  const made = await createBroker({
    clock,
    random: { uuid: randomUUID, next: random },
    shuffle: chaos?.reorder ?? false,
    ...LOCAL_OWNER,
  });
  await ensureQueues(made, manifest.queues, LOCAL_OWNER);
  const observed = observeBroker(made, manifest.queues, clock.now);
  const { broker, pushed, deadLetters } = observed;
  const aws = localAws({ broker: made, observed, clock, activity, onInternalError });
  const instance = toInstance(manifest, { transport: aws.transport, baseUrl, now: clock.now });
  const definitions = functionDefinitions(manifest, instance, true);
  const functions = createFunctions({
    definitions,
    load,
    clock: runningClock,
    random,
    instance,
    releaseLeases: aws.releaseLeases,
  });
  const log = startRunLog(clock.now, print);

  function deliver(queue: QueueDefinition, delivery: QueueDelivery): Promise<Outcome> {
    if (!chaos) return functions.runQueue(queue.name, delivery);
    return chaos.deliver(queue, delivery, {
      run: (again, trouble) => functions.runQueue(queue.name, again, trouble),
      clock: runningClock,
      returnNow: ({ receiptHandle }) =>
        broker.changeMessageVisibility(queue.name, receiptHandle, 0).catch(() => {
          // Its handle is out of date: it is back already.
        }),
      whenRunning: log.whenRunning,
      hasTimedOut: (jobId) =>
        codeOf(log.runs.findLast((run) => run.jobId === jobId)?.error) === "QR_JOB_TIMEOUT",
    });
  }

  const drainer = createDrainer({
    broker,
    queues: manifest.queues,
    clock,
    runningClock,
    activity,
    run: deliver,
    returnDelaySeconds: chaos ? 0 : null,
    random,
    onInternalError,
  });

  let scheduler: Promise<Scheduler> | null = null;
  /** What reckons with time is loaded when time moves: until then, no schedule is due. */
  function startSchedules(): Promise<Scheduler> {
    scheduler ??= import("../dev/schedules/scheduler.js").then(({ createScheduler }) => {
      const created = createScheduler({
        acquire: async (name) => ({
          run(payload) {
            if (payload.kind !== "schedule")
              throw new Error(`A schedule was sent an event of kind "${payload.kind}".`);
            return { outcome: activity.follow(functions.runSchedule(name, payload)), hangUp() {} };
          },
          release() {},
        }),
        clock,
        reports: { event() {}, runFailed() {} },
      });
      created.update(manifest.schedules);
      return created;
    });
    return scheduler;
  }

  return {
    instance,
    clock,
    print,
    pushed,
    deadLetters,
    runs: log.runs,
    running: log.running,
    api: functions.api,
    drain: drainer.drain,
    async advanceTo(atMs) {
      if (manifest.schedules.length > 0) await startSchedules();
      await drainer.advanceTo(atMs);
    },
    async runSchedule(name) {
      const running = (await startSchedules()).runNow(name);
      if (!running) return false;
      await running;
      await drainer.drain();
      return true;
    },
    waiting() {
      const counts = manifest.queues.map(({ name }) => broker.queue(name));
      return counts.reduce(
        (sum, { visibleCount, inFlightCount, delayedCount }) =>
          sum + visibleCount + inFlightCount + delayedCount,
        aws.delayed.count(),
      );
    },
    assertSound() {
      const loadError = functions.takeLoadError();
      if (loadError) throw loadError.error;
      if (internalErrors.length > 0) throw internalErrors.shift();
    },
    async close() {
      await (await scheduler)?.stop();
      log.stop();
      functions.stop();
      await aws.close();
      await broker.close();
    },
  };
}

function toInstance(
  manifest: Manifest,
  { transport, baseUrl, now }: { transport: HttpTransport; baseUrl: string; now: () => number },
): InstanceConfig {
  const instance = instanceConfig(manifest, { sqs: SQS_PLACE, services: SQS_PLACE.endpoint, baseUrl });
  const { sqs, table, delays, socket } = instance;
  return {
    ...instance,
    sqs: { ...sqs, transport },
    ...(table && { table: { ...table, transport } }),
    ...(delays && { delays: { ...delays, transport } }),
    ...(socket && { socket: { ...socket, transport } }),
    now,
  };
}

function codeOf(error: unknown): unknown {
  return typeof error === "object" && error !== null && "code" in error ? error.code : null;
}
