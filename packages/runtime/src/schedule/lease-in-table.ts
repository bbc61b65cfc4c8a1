import type { TableClient } from "../aws/table-client.js";
import { unlessConditionFails } from "../aws/table-condition.js";
import { type ScheduleLease, scheduleLeaseKey } from "./schedule-lease.js";

/** How long an item that nobody needs any more may stay, until DynamoDB gets around to removing it. */
const KEPT_SECONDS = 86_400;

/**
 * A schedule's lease, as an item of the stage's table: `pk` "schedule#NAME", `sk` "lease".
 *
 * @param now - milliseconds since 1970
 */
export function leaseInTable({
  client,
  table,
  scheduleName,
  now,
}: {
  client: TableClient;
  table: string;
  scheduleName: string;
  now: () => number;
}): ScheduleLease {
  const item = { TableName: table, Key: { pk: { S: scheduleLeaseKey(scheduleName) }, sk: { S: "lease" } } };
  return {
    async take(holder, untilMs) {
      const taken = await unlessConditionFails(
        client.updateItem({
          ...item,
          UpdateExpression: "SET leaseHolder = :holder, leaseUntil = :until, expiresAt = :expires",
          ConditionExpression:
            "attribute_not_exists(leaseUntil) OR leaseUntil < :now OR leaseHolder = :holder",
          ExpressionAttributeValues: {
            ":holder": { S: holder },
            ":until": { N: String(Math.ceil(untilMs)) },
            ":now": { N: String(now()) },
            ":expires": { N: String(Math.ceil(untilMs / 1_000) + KEPT_SECONDS) },
          },
        }),
      );
      return taken !== null;
    },
    async giveBack(holder) {
      await unlessConditionFails(
        client.deleteItem({
          ...item,
          ConditionExpression: "leaseHolder = :holder",
          ExpressionAttributeValues: { ":holder": { S: holder } },
        }),
      );
    },
  };
}
