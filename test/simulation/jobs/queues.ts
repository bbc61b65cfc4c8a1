import type { EventSourceSettings } from "../../../packages/cli/src/dev/event-source/event-source.js";
import { batchLimits } from "../../../packages/cli/src/resources/batch-limits.js";
import {
  defaultQueueSettings,
  type QueueSettings,
  retryDelaySeconds,
} from "../../../packages/runtime/src/config/index.js";
import { localQueueNames } from "../../../packages/runtime/src/names/index.js";
import type { World } from "./world.js";

/** A file in queues/. */
export type SimulatedQueue = {
  name: string;
  fifo: boolean;
  /** Its dead-letter queue. */
  deadLetters: string;
  /** Whether it exports `batch`. */
  together: boolean;
  settings: QueueSettings;
  /** Workers at once. */
  workers: number;
};

/** The queues of a run: one that keeps no order, one that does, and one that does with several jobs to a delivery. */
export function randomQueues(world: World): SimulatedQueue[] {
  const queue = (name: string, batchSize: number): SimulatedQueue => {
    const fifo = name.endsWith(".fifo");
    return {
      name,
      fifo,
      deadLetters: localQueueNames(name).deadLetterQueue,
      together: batchSize > 1 && world.chance(0.25),
      settings: {
        ...defaultQueueSettings(fifo),
        timeoutSeconds: world.pick([1, 2, 5, 20]),
        retries: world.integer(4),
        backoff: world.pick(["exponential", "linear", "none"]),
        backoffDelaySeconds: world.pick([0, 1, 4]),
        concurrency: world.chance(0.3) ? 2 + world.integer(4) : null,
        batchWindowSeconds: !fifo && world.chance(0.3) ? 1 + world.integer(5) : 0,
        batchSize,
        track: world.chance(0.5),
        expiresSeconds: world.chance(0.2) ? 20 + world.integer(60) : null,
      },
      workers: 1 + world.integer(3),
    };
  };
  return [
    queue("mails", 1 + world.integer(10)),
    queue("orders.fifo", 1),
    queue("imports.fifo", 2 + world.integer(5)),
  ];
}

/** What a queue's event source goes by. */
export function sourceSettings(world: World, { settings, fifo }: SimulatedQueue): EventSourceSettings {
  return {
    ...batchLimits(settings),
    batchWindowSeconds: settings.batchWindowSeconds,
    fifo,
    returnDelaySeconds: (receiveCount) =>
      retryDelaySeconds(settings, receiveCount, () => world.random.next()),
  };
}
