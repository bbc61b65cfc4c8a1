import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStoredTable } from "../../../packages/cli/src/local-dynamodb/open-stored-table.js";
import type { HttpTransport } from "../../../packages/runtime/src/aws/http-transport.js";
import { connectTable, type TableClient } from "../../../packages/runtime/src/aws/table-client.js";
import type { TableItem } from "../../../packages/runtime/src/aws/table-shapes.js";
import { motoMissing, startMoto } from "../../harness/moto.js";
import { createStageTable } from "../../harness/stage-table.js";

/** A DynamoDB in which records must behave. */
export type RecordPlace = {
  name: string;
  /** How many jobs it runs in a few seconds. */
  manyJobs: number;
  /** Says why the place is not to be had on this machine; null where it is. */
  missing: () => string | null;
  start: () => Promise<RunningTable>;
};

export type RunningTable = {
  client: TableClient;
  /** Null: over HTTP. */
  transport: HttpTransport | null;
  tableName: string;
  items: () => Promise<TableItem[]>;
  clear: () => Promise<void>;
  stop: () => Promise<void>;
};

const SQS = {
  region: "us-east-1",
  credentials: { accessKeyId: "local", secretAccessKey: "local" },
  queueUrlPrefix: "http://127.0.0.1/",
};

/** The dev server's own table, called in this process. */
export const DEV_TABLE: RecordPlace = {
  name: "the table of development",
  manyJobs: 60,
  missing: () => null,
  async start() {
    const directory = await mkdtemp(join(tmpdir(), "queue-run-records-"));
    const tableName = "queue-run-dev";
    const table = await openStoredTable({ directory, name: tableName, fresh: false, now: Date.now });
    const transport: HttpTransport = {
      async post(headers, body) {
        const operation = headers["x-amz-target"]?.split(".")[1] ?? "";
        return { headers: {}, ...(await table.call(operation, body)) };
      },
      close() {},
    };
    const client = connectTable({ sqs: SQS }, { endpoint: "http://127.0.0.1", transport });
    const items = async () => {
      const { body } = await table.call("Scan", JSON.stringify({ TableName: tableName }));
      return (JSON.parse(body) as { Items: TableItem[] }).Items;
    };
    return {
      client,
      transport,
      tableName,
      items,
      async clear() {
        for (const { pk, sk } of await items())
          if (pk && sk) await client.deleteItem({ TableName: tableName, Key: { pk, sk } });
      },
      async stop() {
        await table.close();
        await rm(directory, { recursive: true });
      },
    };
  },
};

/** Python's moto, which checks a condition and then writes with no lock between: it is asked one thing at a time. */
export const MOTO_TABLE: RecordPlace = {
  name: "moto's DynamoDB",
  manyJobs: 15,
  missing: motoMissing,
  async start() {
    const moto = await startMoto();
    const tableName = "shop-prod";
    const table = await createStageTable(moto.endpoint, tableName);
    const client = oneAtATime(connectTable({ sqs: SQS }, { endpoint: moto.endpoint }));
    return {
      client,
      transport: null,
      tableName,
      items: async () => (await table.items()) as TableItem[],
      clear: table.clear,
      async stop() {
        client.close();
        await moto.stop();
      },
    };
  },
};

/** Each call waits for the one before. */
function oneAtATime(client: TableClient): TableClient {
  let last: Promise<unknown> = Promise.resolve();
  const inTurn =
    <A extends unknown[], O>(call: (...input: A) => Promise<O>) =>
    (...input: A): Promise<O> => {
      const answer = last.then(() => call(...input));
      last = answer.catch(() => {});
      return answer;
    };
  return {
    getItem: inTurn(client.getItem),
    putItem: inTurn(client.putItem),
    updateItem: inTurn(client.updateItem),
    deleteItem: inTurn(client.deleteItem),
    query: inTurn(client.query),
    batchGetItem: inTurn(client.batchGetItem),
    batchWriteItem: inTurn(client.batchWriteItem),
    close: client.close,
  };
}
