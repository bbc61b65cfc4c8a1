import { QueueRunError } from "@queue-run/runtime/errors";
import { UsageError } from "./usage-error.js";

/** @param jobIds - that no dead letter has; @param queues - that were looked through */
export function deadLetterNotFoundError(jobIds: readonly string[], queues: readonly string[]): QueueRunError {
  const where = queues.length > 0 ? `among the dead letters of ${queues.join(", ")}` : "and no queue";
  return new QueueRunError({
    code: "QR_DEAD_LETTER_NOT_FOUND",
    message: `There is no job ${jobIds.join(", ")} ${where}.`,
    fix: "`failed ls` lists them. Of a FIFO queue only the first ten of each group can be seen: retry or purge those first.",
    details: { jobIds },
  });
}

/** Neither jobs nor `--all`. */
export function nothingChosenError(verb: "retry" | "purge"): UsageError {
  return new UsageError({
    code: "QR_NOTHING_CHOSEN",
    message: `Nothing says which jobs to ${verb}.`,
    fix: `Name their ids (\`failed ls\` lists them), or give --all, with --queue NAME for one queue's.`,
  });
}

/** What could not be retried, and why. */
export function someNotRetriedError(failures: readonly { jobId: string; reason: string }[]): QueueRunError {
  return new QueueRunError({
    code: "QR_NOT_RETRIED",
    message: [
      "Some dead letters are where they were:",
      ...failures.map(({ jobId, reason }) => `  ${jobId}: ${reason}`),
    ].join("\n"),
    fix: "Mend what the reason says, then run it again.",
    details: { failures },
  });
}

/** Ctrl-C while dead letters were gone through. */
export function interruptedError(): QueueRunError {
  return new QueueRunError({
    code: "QR_INTERRUPTED",
    message: "Stopped. Dead letters that were being looked at can be seen again.",
    fix: "Run it again: it goes on with what is left.",
  });
}

/** A new payload that no message has room for, with what travels beside it. */
export function editTooLargeError(jobId: string, bytes: number, limit: number): QueueRunError {
  return new QueueRunError({
    code: "QR_PAYLOAD_TOO_LARGE",
    message: `With that payload the message of ${jobId} would be ${bytes} bytes; the limit of SQS is ${limit} bytes.`,
    fix: "Keep the data elsewhere (S3, say) and give its key. The dead letter is where it was.",
    details: { jobId, bytes, limit },
  });
}
