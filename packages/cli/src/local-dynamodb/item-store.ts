import { Readable } from "node:stream";
import type { DatabaseOperation, DatabaseRange } from "../local-sqs/storage/database.js";
import type { ItemDatabase } from "./item-database.js";
import { keyLock } from "./key-lock.js";

type Done<T = void> = (error: unknown, value?: T) => void;

/** An item as DynamoDB writes it. */
export type Item = Record<string, { S?: string; N?: string }>;

/** A table's items, as dynalite's actions read and write them. */
export type ItemDb = {
  lock: ReturnType<typeof keyLock>;
  get(key: string, done: Done<Item>): void;
  put(key: string, item: Item, done: Done): void;
  del(key: string, done: Done): void;
  createValueStream(range?: DatabaseRange): Readable;
};

/** What dynalite's actions work on: here, one table that always exists. */
export type ItemStore = {
  options: { maxItemSize: number; maxItemSizeKb: number };
  getTable(name: string, ...rest: [Done<object>] | [boolean, Done<object>]): void;
  getItemDb(name: string): ItemDb;
};

/** Largest item (DynamoDB Developer Guide, "Quotas"). */
const MAX_ITEM_KB = 400;
const PREFIX = "item/";
/** After every key that begins with the prefix. */
const AFTER = "item0";

/**
 * Keeps the items of one table in a database on disk. What is written in one turn of the event loop is one write, answered
 * when the operating system has it.
 *
 * @param name - any other table is said not to exist
 */
export function itemStore(database: ItemDatabase, name: string): ItemStore {
  const table = tableDescription(name);
  const items = itemDb(database);
  return {
    options: { maxItemSize: MAX_ITEM_KB * 1024, maxItemSizeKb: MAX_ITEM_KB },
    getTable(asked, ...rest) {
      const done = rest[rest.length - 1] as Done<object>;
      if (asked === name) done(null, table);
      else done(noSuchTable());
    },
    getItemDb: () => items,
  };
}

/** The keys of all items, as bounds: the second is left out. */
export const ALL_ITEMS = [PREFIX, AFTER] as const;

/** Every item, with the key it is stored under, a page at a time. */
export async function* storedItems(database: ItemDatabase): AsyncIterable<[string, Item][]> {
  for await (const page of database.entries(...ALL_ITEMS))
    yield page.map(([key, text]) => [key, JSON.parse(text) as Item]);
}

function itemDb(database: ItemDatabase): ItemDb {
  let gathered: DatabaseOperation[] = [];
  let waiting: Done[] = [];

  function write(operation: DatabaseOperation, done: Done): void {
    gathered.push(operation);
    if (waiting.push(done) === 1) setImmediate(flush);
  }

  function flush(): void {
    const batch = gathered;
    const told = waiting;
    gathered = [];
    waiting = [];
    database.write(batch, { sync: false }).then(
      () => {
        for (const done of told) done(null);
      },
      (error: unknown) => {
        for (const done of told) done(error);
      },
    );
  }

  return {
    lock: keyLock(),
    get(key, done) {
      const text = database.read(PREFIX + key);
      done(null, text === undefined ? undefined : (JSON.parse(text) as Item));
    },
    put: (key, item, done) =>
      write({ type: "put", key: PREFIX + key, value: Buffer.from(JSON.stringify(item)) }, done),
    del: (key, done) => write({ type: "del", key: PREFIX + key }, done),
    createValueStream: (range = {}) => Readable.from(valuesOf(database, range)),
  };
}

async function* valuesOf(database: ItemDatabase, range: DatabaseRange): AsyncIterable<Item> {
  const { gt, gte, lt, lte, reverse } = range;
  const low = gte !== undefined ? { gte: PREFIX + gte } : { gt: PREFIX + (gt ?? "") };
  const high = lte !== undefined ? { lte: PREFIX + lte } : { lt: lt === undefined ? AFTER : PREFIX + lt };
  const within = { ...low, ...high, ...(reverse && { reverse }) };
  for await (const page of database.values(within)) {
    for (const text of page) yield JSON.parse(text) as Item;
  }
}

/** As DescribeTable answers it. */
function tableDescription(name: string): object {
  return {
    TableName: name,
    TableStatus: "ACTIVE",
    TableArn: `arn:aws:dynamodb:us-east-1:000000000000:table/${name}`,
    KeySchema: [
      { AttributeName: "pk", KeyType: "HASH" },
      { AttributeName: "sk", KeyType: "RANGE" },
    ],
    AttributeDefinitions: [
      { AttributeName: "pk", AttributeType: "S" },
      { AttributeName: "sk", AttributeType: "S" },
    ],
    BillingModeSummary: { BillingMode: "PAY_PER_REQUEST" },
    ProvisionedThroughput: { ReadCapacityUnits: 0, WriteCapacityUnits: 0, NumberOfDecreasesToday: 0 },
  };
}

function noSuchTable(): Error {
  return Object.assign(new Error("Requested resource not found"), {
    statusCode: 400,
    body: {
      __type: "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException",
      message: "Requested resource not found",
    },
  });
}
