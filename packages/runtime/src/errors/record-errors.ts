import { QueueRunError } from "./queue-run-error.js";

/**
 * Something that needs the record of a job, on a queue that keeps none.
 *
 * @param queueName - null: in every queue
 */
export function notTracked(queueName: string | null, what: string): QueueRunError {
  return new QueueRunError({
    code: "QR_NOT_TRACKED",
    message: `${what} needs a record of each job, and ${queueName === null ? "no queue of this project keeps any" : `the queue ${JSON.stringify(queueName)} keeps none`}`,
    fix: `Set track: true in the config of ${queueName === null ? "the queue's file" : `queues/${queueName}.ts`}`,
  });
}

/** Something that needs job records, in a version that does not have them. */
export function recordsUnavailable(queueName: string | null, what: string): QueueRunError {
  return new QueueRunError({
    code: "QR_RECORDS_UNAVAILABLE",
    message: `${what}${queueName === null ? "" : ` on the queue ${JSON.stringify(queueName)}`} needs job records, which this version does not keep yet`,
    fix: "Keep what you need to know of the job in a store of your own",
  });
}
