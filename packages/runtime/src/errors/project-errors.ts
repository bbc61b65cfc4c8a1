import { QueueRunError } from "./queue-run-error.js";

/** Pushing where no project is configured: a script that was not started through queue-run. */
export function noProject(queueName: string): QueueRunError {
  return new QueueRunError({
    code: "QR_NO_PROJECT",
    message: `Cannot push to the queue ${JSON.stringify(queueName)}: this process does not run as part of a queue-run project`,
    fix: "Push from a handler, or start the script with `npx queue-run exec -- CMD`",
  });
}
