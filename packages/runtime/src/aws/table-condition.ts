import { AwsError } from "./aws-error.js";

/**
 * @param change - under a ConditionExpression
 * @returns what it answered; null when the item was not as the condition says
 */
export async function unlessConditionFails<T>(change: Promise<T>): Promise<T | null> {
  try {
    return await change;
  } catch (error) {
    if (error instanceof AwsError && error.name === "ConditionalCheckFailedException") return null;
    throw error;
  }
}
