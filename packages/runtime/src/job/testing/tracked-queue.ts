import { defaultQueueSettings, type QueueSettings } from "../../config/queue-config.js";
import type { UserModule } from "../../lambda/functions.js";
import { createQueueHandler } from "../../lambda/queue.js";
import { type LifecycleEvents, onLifecycle } from "../../log/lifecycle-events.js";
import type { JobRecord } from "../job-record.js";
import { createFakeClock } from "./fake-clock.js";
import { createFakeJobQueue } from "./fake-job-queue.js";
import { createFakeRecords } from "./fake-records.js";
import { type MessageSketch, sqsEvent } from "./sqs-event.js";

type Options = { fifo?: boolean; settings?: Partial<QueueSettings>; remainingMs?: number };

/** A tracked queue's function over records and a queue in memory, which share the list of their calls. */
export function trackedQueue(
  module: UserModule,
  { fifo = false, settings = {}, remainingMs = 310_000 }: Options = {},
) {
  const clock = createFakeClock();
  const queue = createFakeJobQueue<JobRecord>();
  const records = createFakeRecords(clock.now);
  records.calls = queue.calls;
  const fn = {
    name: "test",
    fifo,
    settings: { ...defaultQueueSettings(fifo), track: true, ...settings },
    load: async () => module,
  };
  const handler = createQueueHandler(fn, { queue, records, clock, random: () => 0.5 });
  const handle = async (...messages: MessageSketch[]): Promise<string[]> => {
    const context = { awsRequestId: "request-1", getRemainingTimeInMillis: () => remainingMs };
    const { batchItemFailures } = await handler(sqsEvent(...messages), context);
    return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
  };
  return { clock, queue, records, calls: queue.calls, handle };
}

/** Hears the events of one kind. @returns what was heard, and what stops it */
export function hear<K extends keyof LifecycleEvents>(kind: K) {
  const heard: LifecycleEvents[K][] = [];
  return { heard, stop: onLifecycle(kind, (event) => heard.push(event)) };
}
