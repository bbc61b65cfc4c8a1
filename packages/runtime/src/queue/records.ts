import { instanceConfig } from "../config/instance.js";
import { notTracked, recordsUnavailable } from "../errors/record-errors.js";

/**
 * The place where cancelling, status and results will turn to the records of jobs. Until then they reject: with
 * QR_NOT_TRACKED where the queue keeps no records, as it always will.
 */
export async function refuseRecords(queueName: string, what: string): Promise<never> {
  const isTracked = instanceConfig()?.queues[queueName]?.track === true;
  throw isTracked ? recordsUnavailable(queueName, what) : notTracked(queueName, what);
}
