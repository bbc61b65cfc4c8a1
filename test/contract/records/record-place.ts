import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openTable } from "../../../packages/cli/src/local-dynamodb/open-table.js";
import { connectTable, type TableClient } from "../../../packages/runtime/src/aws/table-client.js";
import type { TableItem } from "../../../packages/runtime/src/aws/table-shapes.js";
import { motoMissing, startMoto } from "../../harness/moto.js";
import { createStageTable } from "../../harness/stage-table.js";

/** A DynamoDB in which records must behave. */
export type RecordPlace = {
  name: string;
  /** Says why the place is not to be had on this machine; null where it is. */
  missing: () => string | null;
  start: () => Promise<RunningTable>;
};

export type RunningTable = {
  client: TableClient;
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
  missing: () => null,
  async start() {
    const directory = await mkdtemp(join(tmpdir(), "queue-run-records-"));
    const tableName = "queue-run-dev";
    const table = await openTable({ directory, name: tableName, fresh: false, now: Date.now });
    const client = connectTable(
      { sqs: SQS },
      {
        endpoint: "http://127.0.0.1",
        transport: {
          async post(headers, body) {
            const operation = headers["x-amz-target"]?.split(".")[1] ?? "";
            return { headers: {}, ...(await table.call(operation, body)) };
          },
          close() {},
        },
      },
    );
    const items = async () => {
      const { body } = await table.call("Scan", JSON.stringify({ TableName: tableName }));
      return (JSON.parse(body) as { Items: TableItem[] }).Items;
    };
    return {
      client,
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

/** Python's moto. */
export const MOTO_TABLE: RecordPlace = {
  name: "moto's DynamoDB",
  missing: motoMissing,
  async start() {
    const moto = await startMoto();
    const tableName = "shop-prod";
    const table = await createStageTable(moto.endpoint, tableName);
    const client = connectTable({ sqs: SQS }, { endpoint: moto.endpoint });
    return {
      client,
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
