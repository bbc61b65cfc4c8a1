import { afterEach, beforeEach, expect, test } from "vitest";
import type { Broker } from "./broker/broker.js";
import { createBroker } from "./broker/create-broker.js";
import { type InProcessSqs, inProcessSqs } from "./in-process.js";
import { type SqsServer, startSqsServer } from "./server.js";

const OWNER = { accountId: "000000000000", region: "us-east-1" };
const here = new AbortController().signal;

let broker: Broker;
let server: SqsServer;
let ask: InProcessSqs;
let failures: unknown[];

beforeEach(async () => {
  failures = [];
  broker = await createBroker();
  server = await startSqsServer({ broker, port: 0 });
  ask = inProcessSqs({
    broker,
    owner: OWNER,
    origin: `http://127.0.0.1:${server.port}`,
    onInternalError: (error) => failures.push(error),
  });
  await broker.createQueue("mail", {}, {});
});

afterEach(async () => {
  await server.close();
  await broker.close();
});

async function overHttp(target: string, body: string) {
  const response = await fetch(`http://127.0.0.1:${server.port}/`, {
    method: "POST",
    headers: { "x-amz-target": target, "content-type": "application/x-amz-json-1.0" },
    body,
  });
  return {
    status: response.status,
    contentType: response.headers.get("content-type"),
    error: response.headers.get("x-amzn-query-error"),
    body: await response.text(),
  };
}

const urlOf = (queue: string) => `http://127.0.0.1:${server.port}/000000000000/${queue}`;
const message = {
  MessageBody: "hello ✓",
  MessageAttributes: { kind: { DataType: "Binary", BinaryValue: "AQID" } },
};

test.each([
  ["AmazonSQS.GetQueueUrl", () => ({ QueueName: "mail" })],
  ["AmazonSQS.GetQueueUrl", () => ({ QueueName: "none" })],
  ["AmazonSQS.SendMessage", () => ({ QueueUrl: urlOf("none"), MessageBody: "x" })],
  ["AmazonSQS.SendMessage", () => ({ QueueUrl: urlOf("mail"), MessageBody: "" })],
  ["AmazonSQS.SendMessage", () => ({ QueueUrl: urlOf("mail"), MessageBody: 7 })],
  ["AmazonSQS.DeleteMessage", () => ({ QueueUrl: urlOf("mail"), ReceiptHandle: "no handle" })],
  ["AmazonSQS.ReceiveMessage", () => ({ QueueUrl: urlOf("mail"), WaitTimeSeconds: 0 })],
  ["AmazonSQS.NoSuchAction", () => ({})],
])("answers %s as the endpoint does", async (target, input) => {
  const body = JSON.stringify(input());
  const { status, headers, body: text } = await ask({ target, body }, here);
  expect({
    status,
    contentType: headers["content-type"],
    error: headers["x-amzn-query-error"] ?? null,
    body: text,
  }).toEqual(await overHttp(target, body));
  expect(headers["x-amzn-requestid"]).toMatch(/^[0-9a-f-]{36}$/);
});

test("sends what the endpoint receives", async () => {
  const body = JSON.stringify({ QueueUrl: urlOf("mail"), ...message });
  expect(await ask({ target: "AmazonSQS.SendMessage", body }, here)).toMatchObject({ status: 200 });
  const received = await overHttp(
    "AmazonSQS.ReceiveMessage",
    JSON.stringify({ QueueUrl: urlOf("mail"), MessageAttributeNames: ["All"] }),
  );
  expect(JSON.parse(received.body).Messages).toMatchObject([
    { Body: message.MessageBody, MessageAttributes: message.MessageAttributes },
  ]);
});

test("holds no message for a caller that is gone, before or while it waits", async () => {
  const body = JSON.stringify({ QueueUrl: urlOf("mail"), WaitTimeSeconds: 20, VisibilityTimeout: 600 });
  const gone = new AbortController();
  const waiting = ask({ target: "AmazonSQS.ReceiveMessage", body }, gone.signal);
  await broker.flush();
  gone.abort();
  await waiting;
  await broker.send("mail", { body: "first" });
  await ask({ target: "AmazonSQS.ReceiveMessage", body: body.replace("20", "0") }, gone.signal);
  const { messages } = await broker.receive("mail", { maxMessages: 1, waitTimeSeconds: 0 });
  expect(messages).toMatchObject([{ body: "first", receiveCount: 1 }]);
});

test("tells of a failure that is not the caller's, and answers 500", async () => {
  const closed = await createBroker();
  await closed.close();
  const ask = inProcessSqs({
    broker: closed,
    owner: OWNER,
    origin: "http://localhost",
    onInternalError: (error) => failures.push(error),
  });
  const body = JSON.stringify({ QueueUrl: urlOf("mail"), MessageBody: "x" });
  expect(await ask({ target: "AmazonSQS.SendMessage", body }, here)).toMatchObject({ status: 500 });
  expect(failures).toHaveLength(1);
});
