import { describe, expect, test } from "vitest";
import { createTestClock } from "../../clock/test-clock.js";
import { createBroker } from "./create-broker.js";

async function start() {
  const clock = createTestClock();
  return { clock, broker: await createBroker({ clock }) };
}

describe("creating a queue", () => {
  test("again, with the attributes that it has, changes nothing", async () => {
    const { broker } = await start();
    await broker.createQueue("q", { visibilityTimeoutSeconds: 5 }, { a: "1" });
    await broker.createQueue("q", {}, { b: "2" });
    await broker.createQueue("q", { visibilityTimeoutSeconds: 5 }, {});
    expect(broker.queue("q")).toMatchObject({
      tags: { a: "1" },
      attributes: { visibilityTimeoutSeconds: 5 },
    });
  });

  /** Recorded on AWS. */
  test("with another value of an attribute is refused by its name", async () => {
    const { broker } = await start();
    await broker.createQueue("q.fifo", { fifoQueue: true, passive: { Policy: "{}" } }, {});
    await expect(
      broker.createQueue("q.fifo", { fifoQueue: true, contentBasedDeduplication: true }, {}),
    ).rejects.toMatchObject({
      message:
        "A queue already exists with the same name and a different value for attribute ContentBasedDeduplication",
    });
    await expect(broker.createQueue("q.fifo", { passive: { Policy: "[]" } }, {})).rejects.toThrow(
      "attribute Policy",
    );
  });

  test("again takes a minute after its deletion, and the new one is empty", async () => {
    const { broker, clock } = await start();
    await broker.createQueue("q", {}, {});
    await broker.send("q", { body: "1" });
    await broker.deleteQueue("q");
    clock.advance(59_999);
    await expect(broker.createQueue("q", {}, {})).rejects.toMatchObject({ code: "QueueDeletedRecently" });
    clock.advance(1);
    await broker.createQueue("q", {}, {});
    expect(broker.queue("q").visibleCount).toBe(0);
  });

  test("needs its dead-letter queue to exist and to be of its kind", async () => {
    const { broker } = await start();
    await broker.createQueue("dlq", {}, {});
    const policy = (name: string) => ({
      deadLetterTargetArn: `arn:aws:sqs:us-east-1:000000000000:${name}`,
      maxReceiveCount: 1,
    });
    await expect(broker.createQueue("q", { redrivePolicy: policy("missing") }, {})).rejects.toThrow(
      "Dead letter target does not exist.",
    );
    await expect(
      broker.createQueue("q.fifo", { fifoQueue: true, redrivePolicy: policy("dlq") }, {}),
    ).rejects.toThrow("same type");
    expect(broker.queueNames()).toEqual(["dlq"]);
  });
});

test("every call that names a queue which does not exist says so", async () => {
  const { broker } = await start();
  const missing = { code: "QueueDoesNotExist", message: "The specified queue does not exist." };
  for (const call of [
    () => broker.deleteQueue("q"),
    () => broker.setQueueAttributes("q", {}),
    () => broker.tagQueue("q", {}),
    () => broker.untagQueue("q", []),
    () => broker.send("q", { body: "1" }),
    () => broker.receive("q", { maxMessages: 1 }),
    () => broker.deleteMessage("q", "handle"),
    () => broker.release("q", []),
    () => broker.changeMessageVisibility("q", "handle", 1),
    () => broker.purgeQueue("q"),
    async () => broker.queue("q"),
    async () => broker.deadLetterSourceQueues("q"),
    async () => broker.messageMoveTasks("q"),
  ]) {
    await expect(call()).rejects.toMatchObject(missing);
  }
});

test("a view is a snapshot", async () => {
  const { broker, clock } = await start();
  await broker.createQueue("q", {}, { a: "1" });
  const before = broker.queue("q");
  const copy = structuredClone(before);
  clock.advance(5_000);
  await broker.send("q", { body: "1" });
  await broker.tagQueue("q", { b: "2" });
  await broker.setQueueAttributes("q", { delaySeconds: 3, passive: { Policy: "{}" } });
  expect(before).toEqual(copy);
  expect(broker.queue("q")).toMatchObject({
    lastModifiedAtMs: clock.now(),
    createdAtMs: clock.now() - 5_000,
    oldestSentAtMs: clock.now(),
    attributes: { delaySeconds: 3, visibilityTimeoutSeconds: 30, passive: { Policy: "{}" } },
  });
});

test("a purge takes all, in flight and delayed too, once a minute", async () => {
  const { broker, clock } = await start();
  await broker.createQueue("q", {}, {});
  for (const delaySeconds of [0, 0, 10]) await broker.send("q", { body: "1", delaySeconds });
  const { messages } = await broker.receive("q", { maxMessages: 1 });
  await broker.purgeQueue("q");
  expect(broker.queue("q")).toMatchObject({
    visibleCount: 0,
    inFlightCount: 0,
    delayedCount: 0,
    oldestSentAtMs: null,
  });
  await broker.deleteMessage("q", messages[0]?.receiptHandle ?? "");
  await expect(broker.purgeQueue("q")).rejects.toMatchObject({
    code: "PurgeQueueInProgress",
    message: "Only one PurgeQueue operation on q is allowed every 60 seconds.",
  });
  await broker.send("q", { body: "after" });
  clock.advance(60_000);
  expect((await broker.receive("q", { maxMessages: 10 })).messages.map(({ body }) => body)).toEqual([
    "after",
  ]);
  await broker.purgeQueue("q");
});
