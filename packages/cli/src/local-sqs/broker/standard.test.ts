import { describe, expect, test } from "vitest";
import { createTestClock } from "../../clock/test-clock.js";
import type { QueueAttributes } from "./broker.js";
import { createBroker } from "./create-broker.js";
import { createSeededRandom } from "./random.js";

const QUEUE = "emails";
const arn = (name: string) => `arn:aws:sqs:us-east-1:000000000000:${name}`;

async function start(attributes: Partial<QueueAttributes> = {}) {
  const clock = createTestClock();
  const broker = await createBroker({ clock });
  await broker.createQueue(QUEUE, attributes, {});
  const receive = async (maxMessages = 10, visibilityTimeoutSeconds?: number, queue = QUEUE) =>
    (await broker.receive(queue, { maxMessages, visibilityTimeoutSeconds })).messages;
  return { clock, broker, receive, handle: async () => (await receive(1))[0]?.receiptHandle ?? "" };
}

test("a message is delivered once, until its visibility timeout ends", async () => {
  const { broker, receive, clock } = await start();
  const sentAtMs = clock.now();
  const { messageId, sequenceNumber } = await broker.send(QUEUE, {
    body: "hello",
    attributes: {
      n: { dataType: "Number", stringValue: "1" },
      b: { dataType: "Binary", binaryValue: new Uint8Array([0, 255]) },
    },
    traceHeader: "Root=1",
    messageGroupId: "tenant",
  });
  expect(sequenceNumber).toBeNull();
  clock.advance(1_000);
  const firstReceivedAtMs = clock.now();
  const [first] = await receive();
  expect(first).toEqual({
    messageId,
    receiptHandle: expect.any(String),
    body: "hello",
    attributes: {
      n: { dataType: "Number", stringValue: "1" },
      b: { dataType: "Binary", binaryValue: new Uint8Array([0, 255]) },
    },
    traceHeader: "Root=1",
    sentAtMs,
    firstReceivedAtMs,
    receiveCount: 1,
    messageGroupId: "tenant",
    messageDeduplicationId: null,
    sequenceNumber: null,
    deadLetterSourceArn: null,
  });
  expect(await receive()).toEqual([]);
  clock.advance(29_999);
  expect(broker.queue(QUEUE)).toMatchObject({ visibleCount: 0, inFlightCount: 1 });
  clock.advance(1);
  expect(broker.queue(QUEUE)).toMatchObject({ visibleCount: 1, inFlightCount: 0 });
  const [second] = await receive();
  expect(second).toMatchObject({ messageId, receiveCount: 2, firstReceivedAtMs });
  expect(second?.receiptHandle).not.toBe(first?.receiptHandle);
});

test("a delay is the message's, else the queue's at the time of sending", async () => {
  const { broker, receive, clock } = await start({ delaySeconds: 2 });
  await broker.send(QUEUE, { body: "now", delaySeconds: 0 });
  await broker.send(QUEUE, { body: "queue's" });
  await broker.send(QUEUE, { body: "own", delaySeconds: 5 });
  await broker.setQueueAttributes(QUEUE, { delaySeconds: 0 });
  expect(broker.queue(QUEUE)).toMatchObject({ visibleCount: 1, delayedCount: 2 });
  const at = async () => (await receive()).map(({ body }) => body);
  expect(await at()).toEqual(["now"]);
  clock.advance(2_000);
  expect(await at()).toEqual(["queue's"]);
  clock.advance(3_000);
  expect(await at()).toEqual(["own"]);
});

describe("a handle", () => {
  /** Recorded on AWS. */
  test("deletes after its visibility timeout, and again, and after another receive", async () => {
    const { broker, receive, clock, handle } = await start();
    await broker.send(QUEUE, { body: "1" });
    const old = await handle();
    clock.advance(30_000);
    await receive();
    await broker.deleteMessage(QUEUE, old);
    await broker.deleteMessage(QUEUE, old);
    clock.advance(60_000);
    expect(await receive()).toEqual([]);
  });

  /** Recorded on AWS: 200. */
  test("changes the visibility after its timeout, and not that of a later receive", async () => {
    const { broker, receive, clock, handle } = await start({ visibilityTimeoutSeconds: 1 });
    await broker.send(QUEUE, { body: "1" });
    const old = await handle();
    clock.advance(2_000);
    await broker.changeMessageVisibility(QUEUE, old, 2);
    clock.advance(1_999);
    expect(await receive()).toEqual([]);
    clock.advance(1);
    expect(await receive(1, 30)).toHaveLength(1);
    await broker.changeMessageVisibility(QUEUE, old, 0);
    expect(await receive()).toEqual([]);
    clock.advance(30_000);
    expect(await receive()).toHaveLength(1);
  });

  test("of a deleted message changes nothing", async () => {
    const { broker, handle } = await start();
    await broker.send(QUEUE, { body: "1" });
    const old = await handle();
    await broker.deleteMessage(QUEUE, old);
    await expect(broker.changeMessageVisibility(QUEUE, old, 42)).rejects.toMatchObject({
      queryCode: "InvalidParameterValue",
      message: `Value ${old} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.`,
    });
  });

  test("of another queue, or no handle at all, is invalid", async () => {
    const { broker, handle } = await start();
    await broker.createQueue("other", {}, {});
    await broker.send(QUEUE, { body: "1" });
    const good = await handle();
    for (const bad of ["garbage", "", `${good.slice(0, -4)}AAA=`, "A".repeat(28)]) {
      await expect(broker.deleteMessage(QUEUE, bad)).rejects.toMatchObject({
        code: "ReceiptHandleIsInvalid",
        message: `The input receipt handle "${bad}" is not a valid receipt handle.`,
      });
    }
    await expect(broker.deleteMessage("other", good)).rejects.toMatchObject({
      code: "ReceiptHandleIsInvalid",
    });
  });

  test("extends to twelve hours after the receive, not beyond", async () => {
    const { broker, clock, handle } = await start();
    await broker.send(QUEUE, { body: "1" });
    const good = await handle();
    clock.advance(10_000);
    await expect(broker.changeMessageVisibility(QUEUE, good, 43_200)).rejects.toMatchObject({
      queryCode: "InvalidParameterValue",
    });
    await broker.changeMessageVisibility(QUEUE, good, 43_190);
  });
});

test("a message is gone when its retention ends, in flight or not", async () => {
  const { broker, receive, clock } = await start({ messageRetentionPeriodSeconds: 60 });
  await broker.send(QUEUE, { body: "1" });
  clock.advance(30_000);
  await broker.send(QUEUE, { body: "2" });
  await receive(1, 600);
  clock.advance(29_999);
  expect(broker.queue(QUEUE)).toMatchObject({ visibleCount: 1, inFlightCount: 1 });
  clock.advance(1);
  expect(broker.queue(QUEUE)).toMatchObject({
    visibleCount: 1,
    inFlightCount: 0,
    oldestSentAtMs: clock.now() - 30_000,
  });
  await broker.setQueueAttributes(QUEUE, { messageRetentionPeriodSeconds: 3_600 });
  clock.advance(60_000);
  expect((await receive()).map(({ body }) => body)).toEqual(["2"]);
});

test("so many messages are in flight, and no more", async () => {
  const broker = await createBroker({ clock: createTestClock(), maxInFlight: 12 });
  const receive = async (queue: string) => (await broker.receive(queue, { maxMessages: 10 })).messages;
  await broker.createQueue("standard", {}, {});
  await broker.createQueue("q.fifo", { fifoQueue: true }, {});
  for (let sent = 0; sent < 15; sent++) {
    await broker.send("standard", { body: "x" });
    await broker.send("q.fifo", { body: "x", messageGroupId: `g${sent}`, messageDeduplicationId: `${sent}` });
  }
  for (const queue of ["standard", "q.fifo"]) {
    expect(await receive(queue)).toHaveLength(10);
    expect(await receive(queue)).toHaveLength(2);
  }
  // A FIFO queue answers nothing instead.
  expect(await receive("q.fifo")).toEqual([]);
  await expect(receive("standard")).rejects.toMatchObject({ code: "OverLimit", status: 403 });
});

describe("a redrive policy", () => {
  test("moves what was received more often than it says, as it was", async () => {
    const { broker, receive, clock } = await start();
    await broker.createQueue("dlq", {}, {});
    await broker.setQueueAttributes(QUEUE, {
      redrivePolicy: { deadLetterTargetArn: arn("dlq"), maxReceiveCount: 1 },
    });
    expect(broker.deadLetterSourceQueues("dlq")).toEqual([QUEUE]);
    const sentAtMs = clock.now();
    const attributes = { MyAttribute: { dataType: "String", stringValue: "foobar" } };
    const { messageId } = await broker.send(QUEUE, { body: "1", attributes, traceHeader: "Root=1" });
    const [first] = await receive(1, 5);
    clock.advance(5_000);
    // It moves when it is asked for, not before.
    expect(broker.queue(QUEUE).visibleCount).toBe(1);
    expect(await receive()).toEqual([]);
    expect(await receive(10, 30, "dlq")).toMatchObject([
      {
        messageId,
        body: "1",
        attributes,
        traceHeader: "Root=1",
        receiveCount: 2,
        sentAtMs,
        deadLetterSourceArn: arn(QUEUE),
      },
    ]);
    await broker.deleteMessage(QUEUE, first?.receiptHandle ?? "");
    expect(broker.queue("dlq")).toMatchObject({ inFlightCount: 1 });
  });

  test("delivers on while its target does not exist", async () => {
    const { broker, receive } = await start();
    await broker.createQueue("dlq", {}, {});
    await broker.setQueueAttributes(QUEUE, {
      redrivePolicy: { deadLetterTargetArn: arn("dlq"), maxReceiveCount: 1 },
    });
    await broker.deleteQueue("dlq");
    await broker.send(QUEUE, { body: "1" });
    await receive(1, 0);
    expect(await receive()).toMatchObject([{ receiveCount: 2 }]);
  });

  test("wakes who waits at the dead-letter queue", async () => {
    const { broker, receive } = await start();
    await broker.createQueue("dlq", {}, {});
    await broker.setQueueAttributes(QUEUE, {
      redrivePolicy: { deadLetterTargetArn: arn("dlq"), maxReceiveCount: 1 },
    });
    await broker.send(QUEUE, { body: "1" });
    await receive(1, 0);
    const waiting = broker.receive("dlq", { maxMessages: 1, waitTimeSeconds: 20 });
    expect(await receive()).toEqual([]);
    expect((await waiting).messages).toMatchObject([{ body: "1" }]);
  });
});

test("messages come about in the order of sending; one that failed often queues up behind", async () => {
  const { broker, receive } = await start();
  for (const body of ["1", "2", "3"]) await broker.send(QUEUE, { body });
  const next = async () => (await receive(1, 0))[0]?.body;
  expect([await next(), await next(), await next(), await next(), await next()]).toEqual([
    "1",
    "1",
    "1",
    "1",
    "2",
  ]);
});

test("the seeded shuffle loses nothing and keeps no order, the same way each time", async () => {
  const run = async () => {
    const broker = await createBroker({
      clock: createTestClock(),
      shuffle: true,
      random: createSeededRandom(7),
    });
    await broker.createQueue(QUEUE, {}, {});
    const sent = Array.from({ length: 100 }, (_, index) => String(index));
    for (const body of sent) void broker.send(QUEUE, { body });
    const received: string[] = [];
    for (let turn = 0; turn < 10; turn++) {
      received.push(...(await broker.receive(QUEUE, { maxMessages: 10 })).messages.map(({ body }) => body));
    }
    return { sent, received };
  };
  const { sent, received } = await run();
  expect(received).not.toEqual(sent);
  expect([...received].sort()).toEqual([...sent].sort());
  expect((await run()).received).toEqual(received);
});

test("a clock that is set back hides nothing for longer", async () => {
  const { broker, receive, clock } = await start();
  await broker.send(QUEUE, { body: "1" });
  await broker.send(QUEUE, { body: "2", delaySeconds: 10 });
  await receive(1, 20);
  clock.jumpTo(clock.now() - 3_600_000);
  broker.tick();
  clock.advance(10_000);
  expect(broker.queue(QUEUE)).toMatchObject({ visibleCount: 1, inFlightCount: 1, delayedCount: 0 });
  clock.advance(10_000);
  expect(broker.queue(QUEUE)).toMatchObject({ visibleCount: 2, inFlightCount: 0 });
});
