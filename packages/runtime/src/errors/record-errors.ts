import { QueueRunError, type QueueRunErrorDetails } from "./queue-run-error.js";

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

/** `cancel` of something that is neither a tag nor a job. */
export function invalidCancelTarget(queueName: string, target: unknown): QueueRunError {
  const shown = typeof target === "object" ? JSON.stringify(target) : String(target);
  return new QueueRunError({
    code: "QR_INVALID_TAG",
    message: `What is to be cancelled in the queue ${JSON.stringify(queueName)} is neither a tag nor a job: ${String(shown).slice(0, 80)}`,
    fix: 'Give the tag that jobs were pushed with, cancel("cart:42"), or one job: cancel({ jobId })',
  });
}

/**
 * @param what - asks the table, as a sentence begins: "Cancelling"
 * @throws QR_RECORDS_UNREACHABLE where the table refuses, or does not answer
 */
export async function unreachable<T>(queueName: string, what: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    if (cause instanceof QueueRunError) throw cause;
    const { name = "Error", message = String(cause) } = (cause ?? {}) as Partial<Error>;
    throw new QueueRunError({
      code: "QR_RECORDS_UNREACHABLE",
      message: `${what} failed: the records of the queue ${JSON.stringify(queueName)} could not be reached: ${name}: ${message}`,
      fix: name.startsWith("AccessDenied")
        ? "The function's role lacks rights to the stage's table: deploy again"
        : "Try again when the table can be reached; the cause has its answer",
      cause,
    });
  }
}

/** `metadata.progress()` of what a record cannot hold. */
export function invalidProgress(queueName: string, reason: string): QueueRunError {
  return new QueueRunError({
    code: "QR_INVALID_PROGRESS",
    message: `The progress of a job of the queue ${JSON.stringify(queueName)} was not recorded: ${reason}`,
    fix: "Record something small: a percentage, a step, the number of what is done",
  });
}

/** A job was claimed by somebody else before its outcome, or its progress, could be recorded. */
export function leaseLost({ queueName, jobId }: { queueName: string; jobId: string }): QueueRunError {
  return withoutStack({
    code: "QR_LEASE_LOST",
    message: `The job ${jobId} of the queue ${JSON.stringify(queueName)} ran for longer than it was claimed for, and is somebody else's by now: what became of this attempt does not count`,
    fix: "Its process was frozen, or its clock is off: keep handlers from blocking the event loop for longer than their timeout",
  });
}

/** The table did not do what running a job needs of it. The job goes back, and runs later, or again. */
export function recordsUnreachable(queueName: string, cause: unknown): QueueRunError {
  const { name = "Error", message = String(cause) } = (cause ?? {}) as Partial<Error>;
  const isDenied = name.startsWith("AccessDenied");
  return withoutStack({
    code: "QR_RECORDS_UNREACHABLE",
    message: `The records of the jobs of the queue ${JSON.stringify(queueName)} could not be reached: ${name}: ${message}`,
    fix: isDenied
      ? "The function's role lacks rights to the stage's table: deploy again"
      : "Its jobs go back to the queue until the table can be reached; the cause has its answer",
    cause,
  });
}

/** The table did not take the record of a job that is being pushed: then the job is not sent either. */
export function pushNotRecorded(queueName: string, cause: unknown): QueueRunError {
  const { name = "Error", message = String(cause) } = (cause ?? {}) as Partial<Error>;
  return new QueueRunError({
    code: "QR_RECORDS_UNREACHABLE",
    message: `The push to ${JSON.stringify(queueName)} was not sent, since no record of it could be written: ${name}: ${message}`,
    fix: name.startsWith("AccessDenied")
      ? "The function's role lacks rights to the stage's table: deploy again"
      : "Push again when the table can be reached; the cause has its answer",
    cause,
  });
}

/** The table had not answered when it was too late for an answer. */
export function tableTooSlow(): QueueRunError {
  return withoutStack({
    code: "QR_TABLE_TOO_SLOW",
    message: "The table of job records did not answer before the time for it was up",
    fix: "See whether the function can reach DynamoDB (a VPC needs an endpoint or a NAT gateway)",
  });
}

/** The instance knows of no table, and its queue is tracked. */
export function noRecordsTable(queueName: string): QueueRunError {
  return withoutStack({
    code: "QR_NO_RECORDS_TABLE",
    message: `The queue ${JSON.stringify(queueName)} is tracked, and this process knows of no table for the records of its jobs`,
    fix: "On AWS deploy again; elsewhere set QUEUE_RUN_TABLE to the name of the stage's table",
  });
}

/** An error that is nobody's code's: its stack would show where in queue-run it was noticed, and mislead. */
function withoutStack(details: QueueRunErrorDetails): QueueRunError {
  const error = new QueueRunError(details);
  error.stack = `${error.name}: ${error.message}`;
  return error;
}
