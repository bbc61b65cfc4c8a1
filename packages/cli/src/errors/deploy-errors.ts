import { QueueRunError } from "@queue-run/runtime/errors";

/** @param parameter - the name of the SecureString */
export function stageVariablesUnreadableError(parameter: string): QueueRunError {
  return new QueueRunError({
    code: "QR_STAGE_VARIABLES_UNREADABLE",
    message: `The parameter ${parameter} does not hold a JSON object of texts, so the stage's variables are not known.`,
    fix: "Something else has written to it: put its variables back with queue-run env set, or delete the parameter.",
    details: { parameter },
  });
}
