import { QueueRunError } from "@queue-run/runtime/errors";
import { nearestName } from "@queue-run/runtime/names";

/**
 * A name on the command line that no queue of the project has.
 *
 * @param known - every queue's name
 */
export function unknownQueueError(name: string, known: readonly string[]): QueueRunError {
  const nearest = nearestName(name, known);
  return new QueueRunError({
    code: "QR_QUEUE_NOT_FOUND",
    message: `There is no queue "${name}" in this project.`,
    fix: nearest
      ? `Did you mean "${nearest}"?`
      : known.length > 0
        ? `There is ${known.join(", ")}.`
        : "Add one: a file in queues/.",
    details: { queueName: name, nearest },
  });
}
