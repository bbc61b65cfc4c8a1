import { DYNAMODB_MAX_BATCH_GET_KEYS, DYNAMODB_MAX_BATCH_WRITE_ITEMS } from "../limits/index.js";
import { AwsError } from "./aws-error.js";
import { type RetryClock, retryDelayMs } from "./retry.js";
import type { BatchGetItemInput, BatchWriteItemInput, TableItem } from "./table-shapes.js";

/** One call of an operation. */
export type TableCall = (operation: string, input: object) => Promise<Record<string, unknown>>;

/** How often what DynamoDB left undone is asked for. */
const MAX_ROUNDS = 8;

/**
 * Writes items, in as many requests as they need, side by side.
 *
 * @throws AwsError; some of the items may then be written
 */
export async function batchWriteItem(
  call: TableCall,
  clock: RetryClock,
  { TableName, Items }: BatchWriteItemInput,
): Promise<void> {
  await Promise.all(
    chunksOf(Items, DYNAMODB_MAX_BATCH_WRITE_ITEMS).map((items) =>
      inRounds(clock, items.map(toPutRequest), async (requests) => {
        const output = await call("BatchWriteItem", { RequestItems: { [TableName]: requests } });
        const { UnprocessedItems } = output as { UnprocessedItems?: Record<string, typeof requests> };
        return UnprocessedItems?.[TableName] ?? [];
      }),
    ),
  );
}

/**
 * Reads items, in as many requests as they need, side by side.
 *
 * @returns those that exist, in no order
 * @throws AwsError
 */
export async function batchGetItem(
  call: TableCall,
  clock: RetryClock,
  { TableName, Keys, ...options }: BatchGetItemInput,
): Promise<TableItem[]> {
  const found: TableItem[] = [];
  await Promise.all(
    chunksOf(Keys, DYNAMODB_MAX_BATCH_GET_KEYS).map((keys) =>
      inRounds(clock, keys, async (asked) => {
        const RequestItems = { [TableName]: { ...options, Keys: asked } };
        const { Responses, UnprocessedKeys } = (await call("BatchGetItem", { RequestItems })) as {
          Responses?: Record<string, TableItem[]>;
          UnprocessedKeys?: Record<string, { Keys?: TableItem[] }>;
        };
        found.push(...(Responses?.[TableName] ?? []));
        return UnprocessedKeys?.[TableName]?.Keys ?? [];
      }),
    ),
  );
  return found;
}

function toPutRequest(Item: TableItem): { PutRequest: { Item: TableItem } } {
  return { PutRequest: { Item } };
}

/**
 * @param round - does what it is given; returns what DynamoDB left undone. API Reference, BatchWriteItem: to be asked
 *   for again after an exponential backoff
 */
async function inRounds<T>(
  clock: RetryClock,
  items: T[],
  round: (items: T[]) => Promise<T[]>,
): Promise<void> {
  let left = items;
  for (let rounds = 0; left.length > 0; rounds++) {
    if (rounds >= MAX_ROUNDS)
      throw new AwsError({
        name: "ThrottlingException",
        message: `DynamoDB left ${left.length} of ${items.length} items undone, ${rounds} times`,
      });
    if (rounds > 0) await clock.sleep(retryDelayMs("transient", rounds - 1, clock.random(), null));
    left = await round(left);
  }
}

function chunksOf<T>(items: T[], size: number): T[][] {
  const chunks: T[][] = [];
  for (let start = 0; start < items.length; start += size) chunks.push(items.slice(start, start + size));
  return chunks;
}
