import { QueueRunError } from "./queue-run-error.js";

/**
 * Where no project is configured: a script that was not started through queue-run.
 *
 * @param queueName - null: any queue at all
 */
export function noProject(queueName: string | null): QueueRunError {
  return new QueueRunError({
    code: "QR_NO_PROJECT",
    message: `Cannot ${queueName === null ? "reach any queue" : `push to the queue ${JSON.stringify(queueName)}`}: this process does not run as part of a queue-run project`,
    fix: "Push from a handler, or start the script with `npx queue-run exec -- CMD`",
  });
}
