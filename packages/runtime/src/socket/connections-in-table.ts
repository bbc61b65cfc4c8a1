import type { TableClient } from "../aws/table-client.js";
import { unlessConditionFails } from "../aws/table-condition.js";
import type { TableItem } from "../aws/table-shapes.js";
import type { User } from "../http/http-request.js";
import type { ConnectionStore } from "./connection-store.js";

/** How long an item that nobody needs any more may stay, until DynamoDB gets around to removing it. */
const KEPT_SECONDS = 3_600;
/** The attributes of a user's item that stand for connections begin with it. */
const PREFIX = "c:";

/**
 * Connections as items of the stage's table:
 *
 * - `pk` "connection#ID", `sk` "connection": `userJson`, and `gone` once it has ended
 * - `pk` "user#ID", `sk` "connections": an attribute "c:ID" for each connection, with the second since 1970 when it is
 *   over at the latest; negative once a send has found it gone
 *
 * @param now - milliseconds since 1970
 */
export function connectionsInTable({
  client,
  table,
  now,
}: {
  client: Pick<TableClient, "getItem" | "updateItem">;
  table: string;
  now: () => number;
}): ConnectionStore {
  const connectionItem = (connection: string) => ({
    TableName: table,
    Key: { pk: { S: `connection#${connection}` }, sk: { S: "connection" } },
  });
  const userItem = (userId: string) => ({
    TableName: table,
    Key: { pk: { S: `user#${userId}` }, sk: { S: "connections" } },
  });
  const nowSeconds = () => now() / 1_000;
  const secondsOf = (untilMs: number) => Math.ceil(untilMs / 1_000);
  const seconds = (value: number) => ({ N: String(value) });

  return {
    async userOf(connection) {
      const item = await client.getItem({ ...connectionItem(connection), ConsistentRead: true });
      return item?.gone ? null : readUser(item);
    },
    async add(connection, userId, untilMs) {
      const until = secondsOf(untilMs);
      const before = await client.updateItem({
        ...userItem(userId),
        UpdateExpression: "SET #connection = :until, expiresAt = :expires",
        ExpressionAttributeNames: { "#connection": PREFIX + connection },
        ExpressionAttributeValues: { ":until": seconds(until), ":expires": seconds(until + KEPT_SECONDS) },
        ReturnValues: "ALL_OLD",
      });
      const others = untilOf(before).filter(([id]) => id !== connection);
      const over = others.filter(([, each]) => isOver(each, nowSeconds()));
      if (over.length > 0) await forget(userId, over);
      return {
        cameOnline: over.length === others.length && !untilOf(before).some(([id]) => id === connection),
      };
    },
    async claim(connection, user, untilMs) {
      const claimed = await unlessConditionFails(
        client.updateItem({
          ...connectionItem(connection),
          UpdateExpression: "SET userJson = :user, expiresAt = :expires",
          ConditionExpression: "attribute_not_exists(gone) AND attribute_not_exists(userJson)",
          ExpressionAttributeValues: {
            ":user": { S: JSON.stringify(user) },
            ":expires": seconds(secondsOf(untilMs) + KEPT_SECONDS),
          },
        }),
      );
      return claimed !== null;
    },
    async end(connection, untilMs) {
      const before = await client.updateItem({
        ...connectionItem(connection),
        UpdateExpression: "SET gone = :gone, expiresAt = :expires",
        ExpressionAttributeValues: {
          ":gone": { N: "1" },
          ":expires": seconds(secondsOf(untilMs) + KEPT_SECONDS),
        },
        ReturnValues: "ALL_OLD",
      });
      return readUser(before);
    },
    async remove(connection, userId) {
      const before = await client.updateItem({
        ...userItem(userId),
        UpdateExpression: "REMOVE #connection",
        ExpressionAttributeNames: { "#connection": PREFIX + connection },
        ReturnValues: "ALL_OLD",
      });
      const counted = untilOf(before).filter(([, until]) => !isOver(until, nowSeconds()));
      return { wentOffline: counted.length === 1 && counted[0]?.[0] === connection };
    },
    async markGone(connection, userId) {
      const item = await client.getItem({ ...userItem(userId), ConsistentRead: true });
      const until = untilOf(item).find(([id]) => id === connection)?.[1];
      if (until === undefined || until < 0) return;
      await unlessConditionFails(
        client.updateItem({
          ...userItem(userId),
          UpdateExpression: "SET #connection = :gone",
          ConditionExpression: "attribute_exists(#connection)",
          ExpressionAttributeNames: { "#connection": PREFIX + connection },
          ExpressionAttributeValues: { ":gone": seconds(-until) },
        }),
      );
    },
    async connectionsOf(userId) {
      const item = await client.getItem({ ...userItem(userId), ConsistentRead: true });
      return untilOf(item).flatMap(([id, until]) =>
        until > nowSeconds() ? [{ id, untilMs: until * 1_000 }] : [],
      );
    },
  };

  /** Takes out what API Gateway never told the end of. */
  async function forget(userId: string, over: [string, number][]): Promise<void> {
    const names = over.map(([id], index) => [`#over${index}`, PREFIX + id]);
    await client.updateItem({
      ...userItem(userId),
      UpdateExpression: `REMOVE ${names.map(([name]) => name).join(", ")}`,
      ExpressionAttributeNames: Object.fromEntries(names),
    });
  }
}

/** Whether a connection no longer counts, even if nobody told of its end. */
function isOver(until: number, nowSeconds: number): boolean {
  return Math.abs(until) <= nowSeconds;
}

/** @returns the connections of a user's item, each with when it is over */
function untilOf(item: TableItem | null | undefined): [id: string, until: number][] {
  return Object.entries(item ?? {}).flatMap(([name, value]) =>
    name.startsWith(PREFIX) && "N" in value ? [[name.slice(PREFIX.length), Number(value.N)]] : [],
  );
}

function readUser(item: TableItem | null | undefined): User | null {
  const json = item?.userJson;
  return json && "S" in json ? (JSON.parse(json.S) as User) : null;
}
