import { QueueRunError } from "@queue-run/runtime/errors";
import { UsageError } from "./usage-error.js";

/**
 * A question that nobody is there to answer.
 *
 * @param what - "Purging 3 dead letters"
 */
export function confirmationRequiredError(what: string): UsageError {
  return new UsageError({
    code: "QR_CONFIRMATION_REQUIRED",
    message: `${what} must be confirmed, and this is not a terminal.`,
    fix: "Give --yes to go ahead.",
  });
}

/** The question was answered with no. */
export function declinedError(): QueueRunError {
  return new QueueRunError({
    code: "QR_DECLINED",
    message: "Nothing was changed.",
    fix: "Run it again and say yes, or give --yes.",
  });
}
