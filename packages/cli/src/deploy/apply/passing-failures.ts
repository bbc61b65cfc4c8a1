import { awsReason, isAwsError } from "../aws/aws-failure.js";

/** How long IAM's changes may take to be seen by the other services. Observed: seconds; rarely half a minute. */
export const ROLE_BUDGET_MS = 90_000;
/** A queue's name is free again 60 s after its deletion. SQS API Reference, CreateQueue. */
export const QUEUE_BUDGET_MS = 75_000;
/** Lambda's and Scheduler's own updates; with a network, a function's takes minutes. */
export const UPDATE_BUDGET_MS = 300_000;
/** What was just made, and is not seen everywhere yet. */
export const NEW_RESOURCE_BUDGET_MS = 20_000;

/** A role that Lambda or the Scheduler cannot use yet: it, its trust or its policy is a few seconds old. */
export function isRoleLag(error: unknown): boolean {
  return (
    isAwsError(error, "InvalidParameterValueException", "ValidationException", "AccessDeniedException") &&
    /cannot be assumed by|does not have permissions to call|add Lambda as a Trusted Entity|must allow .* to assume the role|role defined for the function|CreateGrant|KMS key is invalid/i.test(
      awsReason(error),
    )
  );
}

/** Lambda is at work on the function, or on the mapping. */
export function isBusy(error: unknown): boolean {
  return (
    isAwsError(error, "ResourceInUseException") ||
    (isAwsError(error, "ResourceConflictException") &&
      /update is in progress|currently in the following state|is in progress for/i.test(awsReason(error)))
  );
}

export function isQueueDeletedRecently(error: unknown): boolean {
  return isAwsError(error, "QueueDeletedRecently", "AWS.SimpleQueueService.QueueDeletedRecently");
}

/** A queue of a second ago that is not found yet: by its own calls, as a dead-letter queue, by Lambda's poller. */
export function isQueueLag(error: unknown): boolean {
  return (
    isAwsError(error, "QueueDoesNotExist") ||
    /NonExistentQueue|Dead letter target does not exist|queue does not exist/i.test(awsReason(error))
  );
}

/** A role of a second ago that IAM itself does not find everywhere, or another change of it that is under way. */
export function isIamLag(error: unknown): boolean {
  return isAwsError(
    error,
    "NoSuchEntity",
    "NoSuchEntityException",
    "ConcurrentModification",
    "ConcurrentModificationException",
  );
}
