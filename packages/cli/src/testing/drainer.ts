import { retryDelaySeconds } from "@queue-run/runtime/config";
import type { TestClock } from "../clock/test-clock.js";
import { type EventSource, startEventSource } from "../dev/event-source/event-source.js";
import { brokerMessages, type MessageSource } from "../dev/event-source/message-source.js";
import { LOCAL_OWNER } from "../dev/queues/queues.js";
import type { Outcome } from "../dev/runner/outcome.js";
import type { QueueDelivery } from "../dev/worker/protocol.js";
import type { Broker } from "../local-sqs/broker/broker.js";
import type { QueueDefinition } from "../project/manifest.js";
import { batchLimits } from "../resources/batch-limits.js";
import type { Activity } from "./activity.js";
import { createBatchWindows } from "./batch-windows.js";
import type { RunningClock } from "./project-clock.js";

/** Runs what is due. One call at a time. */
export type Drainer = {
  /** Until nothing is left to do now. */
  drain(): Promise<void>;
  /** Moves the clock, stopping wherever something falls due to run it. */
  advanceTo(atMs: number): Promise<void>;
};

export type DrainerPorts = {
  broker: Broker;
  queues: readonly QueueDefinition[];
  clock: TestClock;
  runningClock: RunningClock;
  activity: Activity;
  run: (queue: QueueDefinition, delivery: QueueDelivery) => Promise<Outcome>;
  /** When the jobs of a delivery come back whose process ended; null: by the queue's backoff. */
  returnDelaySeconds: number | null;
  /** 0 inclusive to 1 exclusive. */
  random: () => number;
  /** Something is wrong that no handler is to blame for. */
  onInternalError: (error: unknown) => void;
};

/** Invocations at once of a queue without `concurrency`, as in development. */
const MAX_INVOCATIONS = 10;

/**
 * The event sources of development poll the queues while they are drained, and only then: between, jobs wait, so that a
 * test can look at what was pushed before anything runs.
 */
export function createDrainer(ports: DrainerPorts): Drainer {
  const { broker, clock, runningClock, activity, onInternalError } = ports;
  const windows = createBatchWindows(clock.now);

  function startSource(queue: QueueDefinition): EventSource {
    const { name, fifo, settings } = queue;
    const { batchSize, maximumConcurrency } = batchLimits(settings);
    return startEventSource(
      {
        batchSize,
        maximumConcurrency: maximumConcurrency ?? MAX_INVOCATIONS,
        batchWindowSeconds: fifo ? 0 : settings.batchWindowSeconds,
        fifo,
        returnDelaySeconds: (receiveCount) =>
          ports.returnDelaySeconds ?? retryDelaySeconds(settings, receiveCount, ports.random),
      },
      {
        messages: messagesOf(name),
        acquire: async () => ({
          run(payload) {
            if (payload.kind !== "queue")
              throw new Error(`A queue was sent an event of kind "${payload.kind}".`);
            return { outcome: activity.follow(ports.run(queue, payload.delivery)), hangUp() {} };
          },
          release() {},
        }),
        clock: windows,
        reports: {
          batchFailed(_, outcome) {
            const isOurs = outcome.kind === "bad-answer" || (outcome.kind === "failed" && !outcome.told);
            if (isOurs)
              onInternalError(new Error(`Delivering to ${name} failed: ${JSON.stringify(outcome)}`));
          },
          pollFailed: onInternalError,
        },
      },
    );
  }

  /** Receives wait for as long as it takes: a long poll that ended would be something that falls due. */
  function messagesOf(queue: string): MessageSource {
    const messages = brokerMessages(broker, queue, LOCAL_OWNER);
    return {
      ...messages,
      receive: (maxMessages, signal) =>
        broker.receive(queue, { maxMessages, waitTimeSeconds: Number.POSITIVE_INFINITY, held: true }, signal),
      delete: (handles) => activity.follow(messages.delete(handles)),
      release: (handles) => activity.follow(messages.release(handles)),
      returnAfter: (handle, seconds) => activity.follow(messages.returnAfter(handle, seconds)),
    };
  }

  async function untilNothingIsLeft(): Promise<void> {
    runningClock.restart();
    do await activity.settled();
    while (windows.close());
  }

  async function polling(work: () => Promise<void>): Promise<void> {
    const sources = ports.queues.map(startSource);
    try {
      await untilNothingIsLeft();
      await work();
    } finally {
      await Promise.all(sources.map((source) => source.stop()));
    }
  }

  return {
    drain: () => polling(async () => {}),
    advanceTo: (atMs) =>
      polling(async () => {
        for (let nextMs = clock.nextMs(); nextMs !== null && nextMs <= atMs; nextMs = clock.nextMs()) {
          clock.advance(Math.max(0, nextMs - clock.now()));
          await untilNothingIsLeft();
        }
        clock.advance(atMs - clock.now());
        await untilNothingIsLeft();
      }),
  };
}
