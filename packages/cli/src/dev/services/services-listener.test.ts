import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from "@aws-sdk/client-dynamodb";
import { GetQueueUrlCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openStoredTable } from "../../local-dynamodb/open-stored-table.js";
import { createBroker } from "../../local-sqs/broker/create-broker.js";
import { type SqsServer, startSqsServer } from "../../local-sqs/server.js";
import { localServices } from "./local-services.js";
import { servicesListener } from "./services-listener.js";
import { LOCAL_TABLE, type TableService, tableService } from "./table-service.js";

let directory: string;
let table: TableService;
let server: SqsServer;
let failures: unknown[];

const open = () => openStoredTable({ directory, name: LOCAL_TABLE, fresh: false, now: Date.now });

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "queue-run-services-"));
  failures = [];
  const onInternalError = (error: unknown): void => void failures.push(error);
  table = tableService({ open, onInternalError });
  const services = localServices({ sqs: null, connections: table.ask, table: table.ask, delays: table.ask });
  const broker = await createBroker();
  await broker.createQueue("mail", {}, {});
  server = await startSqsServer({ broker, port: 0, others: servicesListener(() => services) });
});

afterEach(async () => {
  await server.close();
  await table.close();
  rmSync(directory, { recursive: true });
});

const settings = () => ({
  endpoint: `http://127.0.0.1:${server.port}`,
  region: "us-east-1",
  credentials: { accessKeyId: "any", secretAccessKey: "any" },
});

test("any client of DynamoDB finds the table on the endpoint of SQS, and SQS is still there", async () => {
  const client = new DynamoDBClient(settings());
  const put = new PutItemCommand({
    TableName: LOCAL_TABLE,
    Item: { pk: { S: "job#mail#1" }, sk: { S: "job" }, result: { S: "né 🚀" } },
    ConditionExpression: "attribute_not_exists(pk)",
  });
  await client.send(put);
  await expect(client.send(put)).rejects.toThrow(ConditionalCheckFailedException);
  const get = { TableName: LOCAL_TABLE, Key: { pk: { S: "job#mail#1" }, sk: { S: "job" } } };
  expect((await client.send(new GetItemCommand(get))).Item?.result).toEqual({ S: "né 🚀" });

  const sqs = new SQSClient(settings());
  await sqs.send(new GetQueueUrlCommand({ QueueName: "mail" }));
  client.destroy();
  sqs.destroy();
});

test("a web page reaches none of it", async () => {
  const ask = (headers: Record<string, string>): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const sent = request(
        {
          port: server.port,
          host: "127.0.0.1",
          method: "POST",
          headers: { "x-amz-target": "DynamoDB_20120810.Scan", ...headers },
        },
        (response) => resolve(response.resume().statusCode),
      );
      sent.on("error", reject).end("{}");
    });
  expect(await ask({ host: "attacker.example" })).toBe(403);
  expect(await ask({ origin: "https://attacker.example" })).toBe(403);
  expect(await ask({ origin: "null" })).toBe(403);
});

test("a table that cannot be opened fails every call, and says why", async () => {
  await table.close();
  const onInternalError = (error: unknown): void => void failures.push(error);
  const first = tableService({ open, onInternalError });
  const second = tableService({ open, onInternalError });
  const scan = { target: "DynamoDB_20120810.Scan", body: JSON.stringify({ TableName: LOCAL_TABLE }) };
  const { signal } = new AbortController();
  expect(await first.ask(scan, signal)).toMatchObject({ status: 200 });
  expect(await second.ask(scan, signal)).toMatchObject({ status: 500 });
  expect(failures).toMatchObject([{ code: "QR_LOCAL_STORE_LOCKED" }]);
  await first.close();
  await second.close();
});
