import { instanceConfig } from "../config/instance.js";
import { notTracked, recordsUnavailable } from "../errors/record-errors.js";

/**
 * The place where cancelling, status and results will turn to the records of jobs. Until then they reject: with
 * QR_NOT_TRACKED where the queue keeps no records, as it always will.
 *
 * @param queueName - null: in every queue
 */
export async function refuseRecords(queueName: string | null, what: string): Promise<never> {
  const links = Object.values(instanceConfig()?.queues ?? {});
  const isTracked = links.some(({ name, track }) => track && (queueName === null || name === queueName));
  throw isTracked ? recordsUnavailable(queueName, what) : notTracked(queueName, what);
}
