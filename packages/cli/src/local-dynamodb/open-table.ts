import type { DatabaseOperation } from "../local-sqs/storage/database.js";
import type { ItemDatabase } from "./item-database.js";
import { type Item, type ItemStore, itemStore, storedItems } from "./item-store.js";
import { callOperation } from "./operations.js";

/** A table of DynamoDB's, in this process. */
export type LocalTable = {
  /** @throws what is not the caller's fault */
  call(operation: string, body: string): Promise<{ status: number; body: string }>;
  /** Lets claimed jobs be claimed again at once: those whose lease's token begins with the text. */
  releaseLeases(tokenPrefix: string): Promise<void>;
  close(): Promise<void>;
};

/** Operations of one write. */
const SLICE = 512;

/**
 * Makes a database a table of DynamoDB's. What a process that is gone has left behind is cleared away: leases of jobs that it
 * ran, connections that it held, items that have expired.
 *
 * @param database - closed with the table
 * @param now - milliseconds since 1970
 */
export async function openTable({
  database,
  name,
  now,
}: {
  database: ItemDatabase;
  name: string;
  now: () => number;
}): Promise<LocalTable> {
  await change(database, (item) => afterRestart(item, now()));
  const store = itemStore(database, name);
  return {
    call: (operation, body) => callOperation(store, operation, body),
    async releaseLeases(prefix) {
      for await (const page of storedItems(database)) {
        for (const [, item] of page)
          if (isHeld(item) && item.leaseToken?.S?.startsWith(prefix)) await release(store, name, item);
      }
    },
    close: () => database.close(),
  };
}

/** @returns the item as it is to be; null: not at all */
function afterRestart(item: Item, nowMs: number): Item | null {
  const isExpired = Number(item.expiresAt?.N ?? Number.POSITIVE_INFINITY) * 1_000 < nowMs;
  const isConnection = item.sk?.S?.startsWith("connection") ?? false;
  return isExpired || isConnection ? null : released(item);
}

/** A job that ran may be claimed at once. */
function released(item: Item): Item {
  return isHeld(item) ? { ...item, leaseUntil: { N: "0" } } : item;
}

function isHeld(item: Item): boolean {
  return item.status?.S === "running" && item.leaseUntil?.N !== "0";
}

/** Unless it is another's by now. */
async function release(store: ItemStore, table: string, { pk, sk, leaseToken }: Item): Promise<void> {
  const input = {
    TableName: table,
    Key: { pk, sk },
    UpdateExpression: "SET leaseUntil = :over",
    ConditionExpression: "leaseToken = :token",
    ExpressionAttributeValues: { ":over": { N: "0" }, ":token": leaseToken },
  };
  await callOperation(store, "UpdateItem", JSON.stringify(input));
}

async function change(database: ItemDatabase, toBe: (item: Item) => Item | null): Promise<void> {
  let batch: DatabaseOperation[] = [];
  for await (const page of storedItems(database)) {
    for (const [key, item] of page) {
      const changed = toBe(item);
      if (changed === null) batch.push({ type: "del", key });
      else if (changed !== item)
        batch.push({ type: "put", key, value: Buffer.from(JSON.stringify(changed)) });
    }
    if (batch.length >= SLICE) await database.write(batch, { sync: false });
    if (batch.length >= SLICE) batch = [];
  }
  if (batch.length > 0) await database.write(batch, { sync: false });
}
