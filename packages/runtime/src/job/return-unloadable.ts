import { instanceConfig } from "../config/instance.js";
import { emitLifecycle } from "../log/lifecycle-events.js";
import type { JobQueue } from "./job-queue.js";
import type { JobRecord } from "./job-record.js";
import { toJobEvent } from "./job-scope.js";

const FIRST_DELAY_SECONDS = 5;
/** Receives count towards the dead-letter queue's net, so that broken code must not use them up in a hurry. */
const MAX_DELAY_SECONDS = 900;
/** In development somebody is mending it right now. */
const MAX_DELAY_IN_DEVELOPMENT_SECONDS = 30;

/**
 * Sends a delivery back, unrun, because the code that should run it could not be loaded: after 5 s, and twice as long
 * each time, to 15 minutes.
 */
export async function returnUnloadable(delivery: {
  /** What loading threw. */
  error: unknown;
  records: JobRecord[];
  queueName: string;
  requestId: string;
  queue: JobQueue<JobRecord>;
}): Promise<void> {
  const { error, records, queueName, requestId, queue } = delivery;
  const source = { handler: queueName, requestId, queueName, jobId: null, attempt: null, traceId: null };
  emitLifecycle("error", { error, source });
  for (const record of records) {
    const event = toJobEvent(record, queueName, requestId);
    emitLifecycle("jobReturned", { ...event, reason: "its code could not be loaded" });
  }
  const longest = instanceConfig()?.stage === "dev" ? MAX_DELAY_IN_DEVELOPMENT_SECONDS : MAX_DELAY_SECONDS;
  const changes = records.map(({ messageId, receiptHandle, receivedCount }) => ({
    messageId,
    receiptHandle,
    visibilityTimeoutSeconds: Math.min(FIRST_DELAY_SECONDS * 2 ** (receivedCount - 1), longest),
  }));
  await queue
    .changeVisibility(changes)
    .catch((refused) => emitLifecycle("error", { error: refused, source }));
}
