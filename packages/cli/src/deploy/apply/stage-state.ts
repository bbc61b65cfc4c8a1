import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { leaseLostError } from "../../errors/deploy-errors.js";
import { DEPLOY_PARTITION, STATE_ITEM, type StageItems } from "../actual/stage-items.js";
import { isAwsError } from "../aws/aws-failure.js";
import type { Aws } from "../aws/connect.js";
import { dynamodb } from "../aws/dynamodb.js";
import type { Addresses } from "../desired/addresses.js";

/** What a deploy leaves for the next one. */
export type StageState = Pick<StageItems, "recorded" | "live" | keyof Addresses>;

/**
 * Writes what is known of a stage, in place of what was known before.
 *
 * @param generation - of the lease: what a later deploy has written is left as it is
 * @throws QR_DEPLOY_LEASE_LOST when a later deploy has written
 */
export async function writeStageState(
  aws: Aws,
  table: string,
  { recorded, live, url, socketUrl }: StageState,
  generation: number,
): Promise<void> {
  const command = new PutItemCommand({
    TableName: table,
    Item: {
      pk: { S: DEPLOY_PARTITION },
      sk: { S: STATE_ITEM },
      generation: { N: String(generation) },
      hashes: toMap(recorded),
      live: toMap(live),
      ...(url !== null && { url: { S: url } }),
      ...(socketUrl !== null && { socketUrl: { S: socketUrl } }),
    },
    ConditionExpression: "attribute_not_exists(pk) OR generation <= :generation",
    ExpressionAttributeValues: { ":generation": { N: String(generation) } },
  });
  try {
    await dynamodb(aws).send(command);
  } catch (error) {
    throw isAwsError(error, "ConditionalCheckFailedException") ? leaseLostError(error) : error;
  }
}

function toMap(values: Readonly<Record<string, string>>) {
  return { M: Object.fromEntries(Object.entries(values).map(([name, S]) => [name, { S }])) };
}
