import { queues } from "@queue-run/runtime";
import { configureInstance } from "@queue-run/runtime/instance";
import { decodeEnvelope, decodePayload } from "@queue-run/runtime/wire";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createTestClock, type TestClock } from "../../clock/test-clock.js";
import type { Broker } from "../../local-sqs/broker/broker.js";
import { createBroker } from "../../local-sqs/broker/create-broker.js";
import { inProcessSqs } from "../../local-sqs/in-process.js";
import { MemoryStorage } from "../../local-sqs/storage/memory-storage.js";
import { type DelaysService, delaysService, LOCAL_DELAYS } from "./delays-service.js";
import { localServices } from "./local-services.js";

const ORIGIN = "http://localhost:9324";
const LINK = { jobs: null, maxPayloadBytes: null, track: false };
const never = new AbortController().signal;

let clock: TestClock;
let broker: Broker;
let stored: Map<string, string>;
let delays: DelaysService;
let undelivered: string[];

const settle = () => new Promise((resolve) => setImmediate(resolve));

function start(): void {
  const owner = { accountId: "000000000000", region: "us-east-1" };
  const onInternalError = (error: unknown): never => {
    throw error;
  };
  const sqs = inProcessSqs({ broker, owner, origin: ORIGIN, onInternalError });
  delays = delaysService({
    openStorage: async () => new MemoryStorage(stored),
    isEmpty: () => stored.size === 0,
    clock,
    async send(message) {
      const answer = await sqs({ target: "AmazonSQS.SendMessage", body: JSON.stringify(message) }, never);
      if (answer.status !== 200) throw new Error(answer.body);
    },
    onUndelivered: ({ QueueUrl }) => void undelivered.push(QueueUrl),
    onInternalError,
  });
  const services = localServices({ sqs, table: delays.ask, delays: delays.ask, connections: delays.ask });
  const transport = {
    post: (headers: Record<string, string>, body: string, rest?: object | null) =>
      services.ask({ target: headers["x-amz-target"], body, ...(rest && { rest: rest as never }) }, never),
    close() {},
  };
  const linkOf = (name: string) => ({
    ...LINK,
    name,
    fifo: name.endsWith(".fifo"),
    physicalName: name,
    deadLetterPhysicalName: `${name}-dlq`,
  });
  configureInstance({
    project: "shop",
    stage: "dev",
    queues: { mail: linkOf("mail"), "orders.fifo": linkOf("orders.fifo"), gone: linkOf("gone") },
    sqs: { region: "us-east-1", queueUrlPrefix: `${ORIGIN}/000000000000/`, transport },
    delays: { ...LOCAL_DELAYS, transport },
    now: clock.now,
    baseUrl: null,
    readableLogs: true,
  });
}

beforeEach(async () => {
  clock = createTestClock();
  stored = new Map();
  undelivered = [];
  broker = await createBroker({ clock });
  await broker.createQueue("mail", {}, {});
  await broker.createQueue("orders.fifo", { fifoQueue: true }, {});
  start();
});

afterEach(async () => {
  configureInstance(null);
  await delays.close();
  await broker.close();
});

async function received(queue: string) {
  await settle();
  const { messages } = await broker.receive(queue, { maxMessages: 10, waitTimeSeconds: 0 });
  return messages.map(({ body, attributes }) => {
    const envelope = decodeEnvelope(attributes["queue-run"]?.stringValue);
    return { payload: decodePayload(body, envelope?.payloadKind ?? null), jobId: envelope?.jobId };
  });
}

test("a job that is due in twenty minutes arrives in twenty minutes, and not before", async () => {
  const jobId = await queues("mail").delay("20m").push({ to: "ann@example.com" });
  clock.advance(20 * 60_000 - 1);
  expect(await received("mail")).toEqual([]);
  clock.advance(1);
  expect(await received("mail")).toEqual([{ payload: { to: "ann@example.com" }, jobId }]);
});

test("it waits through a restart, for a year if need be", async () => {
  const jobId = await queues("mail").delay("365d").push("next year");
  await delays.close();
  clock.jumpTo(clock.now() + 364 * 86_400_000);
  start();
  delays.prepare();
  expect(await received("mail")).toEqual([]);
  clock.advance(86_400_000);
  expect(await received("mail")).toEqual([{ payload: "next year", jobId }]);
});

test("jobs of a FIFO queue that fall due together keep the order in which they were pushed", async () => {
  const orders = queues("orders.fifo")
    .group("ann")
    .at(new Date(clock.now() + 60_000));
  await orders.pushAll(["first", "second"]);
  await orders.push("third");
  // Its group's order begins when it falls due.
  await queues("orders.fifo").group("ann").push("at once");
  expect((await received("orders.fifo")).map(({ payload }) => payload)).toEqual(["at once"]);
  await broker.purgeQueue("orders.fifo");
  clock.advance(60_000);
  const due = await received("orders.fifo");
  expect(due.map(({ payload }) => payload)).toEqual(["first", "second", "third"]);
});

test("one whose queue is gone is told of, and waits", async () => {
  await queues("gone").delay("1h").push(1);
  clock.advance(3_600_000);
  await settle();
  expect(undelivered).toEqual([`${ORIGIN}/000000000000/gone`]);
  await broker.createQueue("gone", {}, {});
  clock.advance(60_000);
  expect(await received("gone")).toHaveLength(1);
});
