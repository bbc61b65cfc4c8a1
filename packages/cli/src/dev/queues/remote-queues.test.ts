import { defaultQueueSettings } from "@queue-run/runtime/config";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Broker } from "../../local-sqs/broker/broker.js";
import { createBroker } from "../../local-sqs/broker/create-broker.js";
import { type SqsServer, startSqsServer } from "../../local-sqs/server.js";
import type { QueueDefinition } from "../../project/manifest.js";
import type { Queues } from "./queues.js";
import { openRemoteQueues } from "./remote-queues.js";

/** What some servers say their account is. */
const ACCOUNT = "123456789012";

let broker: Broker;
let server: SqsServer;
let queues: Queues;

beforeEach(async () => {
  broker = await createBroker({ accountId: ACCOUNT });
  server = await startSqsServer({ broker, port: 0, accountId: ACCOUNT });
  queues = await openRemoteQueues(`http://127.0.0.1:${server.port}`);
});

afterEach(async () => {
  await queues.close();
  await server.close();
  await broker.close();
});

const queueOf = (name: string, retentionSeconds = 86_400): QueueDefinition => ({
  name,
  fifo: name.endsWith(".fifo"),
  file: `queues/${name}.ts`,
  jobs: ["default"],
  batch: false,
  settings: { ...defaultQueueSettings(name.endsWith(".fifo")), retentionSeconds },
});

test("URLs are on the endpoint that was named, in the account that the server pretends to have", () => {
  const endpoint = `http://127.0.0.1:${server.port}`;
  expect(queues.place).toMatchObject({ endpoint, queueUrlPrefix: `${endpoint}/${ACCOUNT}/` });
  expect(queues.inProcess).toBeNull();
});

test("queues are made with their dead-letter queues, and set anew when the project says something else", async () => {
  await queues.ensure([queueOf("mail"), queueOf("orders.fifo")]);
  expect(broker.queueNames()).toEqual(
    expect.arrayContaining(["mail", "mail-dlq", "orders-dlq.fifo", "orders.fifo"]),
  );
  const { attributes } = broker.queue("mail");
  expect(attributes.messageRetentionPeriodSeconds).toBe(86_400);
  expect(attributes.redrivePolicy?.deadLetterTargetArn).toBe(`arn:aws:sqs:us-east-1:${ACCOUNT}:mail-dlq`);
  expect(broker.queue("orders.fifo").attributes).toMatchObject({
    fifoQueue: true,
    deduplicationScope: "messageGroup",
  });

  await queues.ensure([queueOf("mail", 3_600)]);
  expect(broker.queue("mail").attributes.messageRetentionPeriodSeconds).toBe(3_600);
});

test("messages are received from there, deleted there, and made visible again there", async () => {
  await queues.ensure([queueOf("mail")]);
  await broker.send("mail", { body: "first" });
  await broker.send("mail", { body: "second" });
  const source = queues.messagesOf("mail");
  expect(source.queueArn).toBe(`arn:aws:sqs:us-east-1:${ACCOUNT}:mail`);
  const signal = new AbortController().signal;
  const { messages } = await source.receive(10, signal);
  expect(messages.map(({ body, receiveCount }) => [body, receiveCount])).toEqual([
    ["first", 1],
    ["second", 1],
  ]);
  const [first, second] = messages.map(({ receiptHandle }) => receiptHandle);
  await source.delete([first ?? ""]);
  await source.returnAfter(second ?? "", 0);
  const again = await source.receive(10, signal);
  expect(again.messages.map(({ body, receiveCount }) => [body, receiveCount])).toEqual([["second", 2]]);
});

test("what is no SQS is refused with what to do", async () => {
  await expect(openRemoteQueues("http://127.0.0.1:1")).rejects.toMatchObject({ code: "QR_NO_SQS" });
});
