import type { Clock } from "../../clock/clock.js";
import { realClock } from "../../clock/real-clock.js";
import { localStoreCorrupt } from "../../errors/local-store-errors.js";
import { MAX_IN_FLIGHT_MESSAGES } from "../limits.js";
import { MemoryStorage } from "../storage/memory-storage.js";
import type { Storage } from "../storage/storage.js";
import type { Broker } from "./broker.js";
import { BrokerContext } from "./context.js";
import { deadLetterSourceQueues } from "./dead-letter.js";
import { settleAll } from "./due.js";
import { cancelMoveTask, listMoveTasks, startMoveTask } from "./move-task.js";
import {
  createQueue,
  deleteQueue,
  purgeQueue,
  setQueueAttributes,
  tagQueue,
  untagQueue,
  viewQueue,
} from "./queues.js";
import { type Random, realRandom } from "./random.js";
import { receive, serveWaiters } from "./receive.js";
import { changeMessageVisibility, deleteMessage, release } from "./received-messages.js";
import { recover } from "./recovery.js";
import { send, sendBatch } from "./send.js";
import { SteadyTime } from "./steady-time.js";

export type BrokerOptions = {
  /** Default: the machine's. */
  clock?: Clock;
  /** Default: memory. Closed with the broker. */
  storage?: Storage;
  random?: Random;
  /** Default: us-east-1. */
  region?: string;
  /** Default: 000000000000. */
  accountId?: string;
  /** Deliver from standard queues out of order, to find handlers that rely on it. Default: false. */
  shuffle?: boolean;
  /** Most messages in flight of a queue. Default: AWS's 120,000. */
  maxInFlight?: number;
  /** Calls back at the end of the event loop's turn. Default: setImmediate. */
  defer?: (callback: () => void) => void;
};

/** Opens a broker on what its store holds. Rejects with QR_LOCAL_STORE_CORRUPT for a store that cannot be read. */
export async function createBroker(options: BrokerOptions = {}): Promise<Broker> {
  const { clock = realClock, storage = new MemoryStorage(), random = realRandom } = options;
  const {
    region = "us-east-1",
    accountId = "000000000000",
    shuffle = false,
    defer = setImmediate,
    maxInFlight = MAX_IN_FLIGHT_MESSAGES,
  } = options;
  const time = new SteadyTime(clock, () => settleAll(context));
  const context = new BrokerContext(
    { time, storage, random, region, accountId, shuffle, defer, maxInFlight },
    serveWaiters,
  );
  try {
    await recover(context);
  } catch (error) {
    time.stop();
    throw localStoreCorrupt(storage.location, error);
  }
  settleAll(context);
  return brokerOf(context);
}

/** The operations, each as an async function: what one throws, it rejects with. */
function brokerOf(context: BrokerContext): Broker {
  return {
    createQueue: async (name, attributes, tags) => createQueue(context, name, attributes, tags),
    deleteQueue: async (name) => deleteQueue(context, name),
    queueNames: () => [...context.queues.keys()].sort(),
    hasQueue: (name) => context.queues.has(name),
    queue: (name) => viewQueue(context, name),
    setQueueAttributes: async (name, changes) => setQueueAttributes(context, name, changes),
    tagQueue: async (name, tags) => tagQueue(context, name, tags),
    untagQueue: async (name, keys) => untagQueue(context, name, keys),
    send: (name, message) => send(context, name, message),
    sendBatch: (name, messages) => sendBatch(context, name, messages),
    receive: async (name, request, signal) => receive(context, name, request, signal),
    deleteMessage: async (name, receiptHandle) => deleteMessage(context, name, receiptHandle),
    release: async (name, receiptHandles) => release(context, name, receiptHandles),
    changeMessageVisibility: async (name, receiptHandle, seconds) =>
      changeMessageVisibility(context, name, receiptHandle, seconds),
    purgeQueue: async (name) => purgeQueue(context, name),
    deadLetterSourceQueues: (name) => deadLetterSourceQueues(context, context.queue(name)),
    startMessageMoveTask: (source, taskOptions) => startMoveTask(context, source, taskOptions),
    messageMoveTasks: (source) => listMoveTasks(context, context.queue(source)),
    cancelMessageMoveTask: (taskHandle) => cancelMoveTask(context, taskHandle),
    tick: () => settleAll(context),
    flush: async () => context.journal.committed(),
    async close() {
      context.time.stop();
      for (const queue of context.queues.values()) {
        for (const waiter of queue.waiters.removeAll()) waiter.answer({ messages: [], undo: () => {} });
      }
      await context.close();
    },
  };
}
