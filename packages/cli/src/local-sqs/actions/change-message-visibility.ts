import { SQS_MAX_VISIBILITY_TIMEOUT_SECONDS } from "@queue-run/runtime/limits";
import { type Input, integerBetween, requiredText } from "../protocol/input.js";
import { missingParameter } from "../sqs-errors.js";
import { type ActionContext, NOTHING } from "./action.js";
import { queueOf } from "./queue-of.js";

/** API Reference, ChangeMessageVisibility. */
export async function changeMessageVisibility(input: Input, { broker }: ActionContext) {
  const name = queueOf(input);
  const receiptHandle = requiredText(input, "ReceiptHandle");
  const visibilityTimeoutSeconds = visibilityTimeoutOf(input);
  if (visibilityTimeoutSeconds === undefined) throw missingParameter("VisibilityTimeout");
  await broker.changeMessageVisibility(name, receiptHandle, visibilityTimeoutSeconds);
  return NOTHING;
}

/** Throws InvalidParameterValue outside of 0 to twelve hours. */
export function visibilityTimeoutOf(input: Input): number | undefined {
  const max = SQS_MAX_VISIBILITY_TIMEOUT_SECONDS;
  return integerBetween(input, "VisibilityTimeout", 0, max, `Must be between 0 and ${max}, if provided.`);
}
