import { emitLifecycle } from "../log/lifecycle-events.js";
import type { JobQueue } from "./job-queue.js";
import type { JobRecord } from "./job-record.js";
import { toJobEvent } from "./job-scope.js";
import { unrunDelaySeconds } from "./unrun-delay.js";

/** Sends a delivery back, unrun, because the code that should run it could not be loaded. */
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
  const changes = records.map(({ messageId, receiptHandle, receivedCount }) => ({
    messageId,
    receiptHandle,
    visibilityTimeoutSeconds: unrunDelaySeconds(receivedCount),
  }));
  await queue
    .changeVisibility(changes)
    .catch((refused) => emitLifecycle("error", { error: refused, source }));
}
