import { instanceConfig } from "../config/instance.js";
import { noRecordsTable } from "../errors/record-errors.js";
import type { QueueFunction } from "../lambda/functions.js";
import type { JobRecords } from "../records/record-store.js";
import type { JobClock } from "./clock.js";
import type { JobTracking } from "./track-jobs.js";

/** Makes what tracks the jobs of one invocation. */
type StartTracking = (requestId: string, clock: JobClock) => JobTracking;

/**
 * Loads what a tracked queue's function needs besides others: once, and again when that failed.
 *
 * @param records - in place of those in this instance's table
 */
export function createTrackingLoader(fn: QueueFunction, records?: JobRecords): () => Promise<StartTracking> {
  let loading: Promise<StartTracking> | null = null;
  return () => {
    loading ??= loadTracking(fn, records).catch((error) => {
      loading = null;
      throw error;
    });
    return loading;
  };
}

async function loadTracking(fn: QueueFunction, given: JobRecords | undefined): Promise<StartTracking> {
  const { connectRecords, trackJobs } = await import("../records/on-first-record.js");
  const instance = instanceConfig();
  const records = given ?? (instance?.table ? connectRecords(instance) : noRecords(fn.name));
  const { randomUUID } = process.getBuiltinModule("node:crypto");
  // Whoever sees this invocation's process end knows by the token which claims ended with it.
  return (requestId, clock) =>
    trackJobs({ records, fn, clock, newToken: () => `${requestId}/${randomUUID()}` });
}

function noRecords(queueName: string): JobRecords {
  const refuse = async (): Promise<never> => {
    throw noRecordsTable(queueName);
  };
  return { claim: refuse, progress: refuse, complete: refuse, retry: refuse, fail: refuse };
}
