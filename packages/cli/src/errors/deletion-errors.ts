import { QueueRunError } from "@queue-run/runtime/errors";
import { UsageError } from "./usage-error.js";

/** @param left - steps that were not done: "delete role shop-prod-api" */
export function deletionFailedError(left: readonly string[], cause: unknown): QueueRunError {
  const reason = cause instanceof Error ? `: ${cause.message}` : "";
  return new QueueRunError({
    code: "QR_STAGE_NOT_DELETED",
    message: `The stage is not wholly deleted${reason}\nLeft: ${left.join(", ")}.`,
    fix: "Run it again: it carries on where this one stopped.",
    cause,
    details: { left },
  });
}

/** @param left - what would be lost: "3 messages in shop-prod-emails" */
export function messagesLeftError(stage: string, left: readonly string[]): QueueRunError {
  return new QueueRunError({
    code: "QR_MESSAGES_LEFT",
    message: `The stage ${stage} is not deleted, since messages would be lost with it: ${left.join(", ")}.`,
    fix: "Let them be handled, retry or purge what is dead-lettered (queue-run failed ls), or give --force.",
    details: { stage, left },
  });
}

/** Deleting a stage is agreed to by its name. */
export function stageNotNamedError(stage: string): UsageError {
  return new UsageError({
    code: "QR_STAGE_NOT_NAMED",
    message: `Deleting the stage ${stage} must be confirmed by its name, and nobody can be asked here.`,
    fix: `Give --confirm ${stage}.`,
  });
}

/** Another name was typed. */
export function stageMisnamedError(given: string, stage: string): QueueRunError {
  return new QueueRunError({
    code: "QR_STAGE_MISNAMED",
    message: `"${given}" is not the stage's name, ${stage}. Nothing was deleted.`,
    fix: `Type ${stage}, or name the stage that you mean with --stage.`,
  });
}
