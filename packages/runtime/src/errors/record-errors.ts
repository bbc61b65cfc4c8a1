import { QueueRunError } from "./queue-run-error.js";

/** Something that needs the record of a job, on a queue that keeps none. */
export function notTracked(queueName: string, what: string): QueueRunError {
  return new QueueRunError({
    code: "QR_NOT_TRACKED",
    message: `${what} needs a record of each job, and the queue ${JSON.stringify(queueName)} keeps none`,
    fix: `Set track: true in the config of queues/${queueName}.ts`,
  });
}

/** Something that needs job records, in a version that does not have them. */
export function recordsUnavailable(queueName: string, what: string): QueueRunError {
  return new QueueRunError({
    code: "QR_RECORDS_UNAVAILABLE",
    message: `${what} on the queue ${JSON.stringify(queueName)} needs job records, which this version does not keep yet`,
    fix: "Keep what you need to know of the job in a store of your own",
  });
}
