import { expect, test } from "vitest";
import { createTestClock } from "../../clock/test-clock.js";
import { MemoryStorage } from "../storage/memory-storage.js";
import { createBroker } from "./create-broker.js";

const arn = (name: string) => `arn:aws:sqs:us-east-1:000000000000:${name}`;

async function start(messages: number) {
  const clock = createTestClock();
  const entries = new Map<string, string>();
  const open = () => createBroker({ clock, storage: new MemoryStorage(entries) });
  const broker = await open();
  await broker.createQueue("dlq", {}, {});
  await broker.createQueue("target", {}, {});
  await broker.createQueue(
    "q",
    { redrivePolicy: { deadLetterTargetArn: arn("dlq"), maxReceiveCount: 1 } },
    {},
  );
  for (let sent = 0; sent < messages; sent++) await broker.send("q", { body: String(sent) });
  // Received once and put back; the next receive moves them.
  for (let received = 0; received < messages; received += 10) {
    await broker.receive("q", { maxMessages: 10, visibilityTimeoutSeconds: 1 });
  }
  clock.advance(1_000);
  await broker.receive("q", { maxMessages: 10 });
  expect(broker.queue("dlq").visibleCount).toBe(messages);
  return { clock, broker, open };
}

test("moves the messages back to where they came from, as new ones", async () => {
  const { broker, clock } = await start(2);
  clock.advance(5_000);
  await broker.startMessageMoveTask("dlq", {});
  expect(broker.messageMoveTasks("dlq")).toMatchObject([
    {
      status: "COMPLETED",
      messagesMoved: 2,
      messagesToMove: 2,
      destinationName: null,
      startedAtMs: clock.now(),
    },
  ]);
  const { messages } = await broker.receive("q", { maxMessages: 10 });
  expect(messages).toMatchObject([
    { body: "0", receiveCount: 1, sentAtMs: clock.now(), deadLetterSourceArn: null },
    { body: "1", receiveCount: 1 },
  ]);
});

test("keeps to its rate, one task at a time, and through a restart", async () => {
  const { broker, clock, open } = await start(10);
  await broker.startMessageMoveTask("dlq", { destination: "target", maxMessagesPerSecond: 1 });
  await expect(broker.startMessageMoveTask("dlq", {})).rejects.toMatchObject({
    message:
      "There is already a task running. Only one active task is allowed for a source queue arn at a given time.",
  });
  clock.advance(2_000);
  await broker.flush();
  expect(broker.messageMoveTasks("dlq")).toMatchObject([
    { status: "RUNNING", messagesMoved: 3, messagesToMove: 10 },
  ]);
  const restarted = await open();
  clock.advance(60_000);
  expect(restarted.messageMoveTasks("dlq")).toMatchObject([{ status: "COMPLETED", messagesMoved: 10 }]);
  expect(restarted.queue("target").visibleCount).toBe(10);
});

test("a thousand a second, without a rate", async () => {
  const { broker, clock } = await start(10);
  for (let sent = 0; sent < 2_000; sent++) void broker.send("dlq", { body: `more ${sent}` });
  await broker.startMessageMoveTask("dlq", { destination: "target" });
  clock.advance(1_000);
  expect(broker.queue("target").visibleCount).toBe(2_010);
});

test("can be cancelled: what was moved stays moved", async () => {
  const { broker, clock } = await start(10);
  const { taskHandle } = await broker.startMessageMoveTask("dlq", {
    destination: "target",
    maxMessagesPerSecond: 1,
  });
  clock.advance(1_000);
  expect(await broker.cancelMessageMoveTask(taskHandle)).toEqual({ messagesMoved: 2 });
  clock.advance(10_000);
  expect(broker.messageMoveTasks("dlq")).toMatchObject([{ status: "CANCELLED", messagesMoved: 2 }]);
  expect(broker.queue("dlq").visibleCount).toBe(8);
  await expect(broker.cancelMessageMoveTask(taskHandle)).rejects.toMatchObject({
    message: "Task does not exist.",
  });
  await broker.startMessageMoveTask("dlq", { destination: "target" });
  expect(broker.messageMoveTasks("dlq")).toMatchObject([{ status: "COMPLETED" }, { status: "CANCELLED" }]);
});

/** Recorded on AWS. */
test("fails when its destination is deleted, or a message has no origin", async () => {
  const { broker, clock } = await start(10);
  await broker.startMessageMoveTask("dlq", { destination: "target", maxMessagesPerSecond: 1 });
  clock.advance(2_000);
  await broker.deleteQueue("target");
  clock.advance(2_000);
  expect(broker.messageMoveTasks("dlq")).toMatchObject([
    { status: "FAILED", messagesMoved: 3, failureReason: "AWS.SimpleQueueService.NonExistentQueue" },
  ]);
  await broker.purgeQueue("dlq");
  await broker.send("dlq", { body: "by hand" });
  await broker.startMessageMoveTask("dlq", {});
  expect(broker.messageMoveTasks("dlq")[0]).toMatchObject({
    status: "FAILED",
    failureReason: "CouldNotDetermineMessageSource",
  });
  expect((await broker.receive("dlq", { maxMessages: 1 })).messages).toMatchObject([{ body: "by hand" }]);
});

/** Recorded on AWS. */
test("refuses what is no dead-letter queue, what does not exist, and a bad handle", async () => {
  const { broker } = await start(0);
  await expect(broker.startMessageMoveTask("target", {})).rejects.toMatchObject({
    queryCode: "InvalidParameterValue",
    message: "Source queue must be configured as a Dead Letter Queue.",
  });
  await expect(broker.startMessageMoveTask("dlq", { destination: "missing" })).rejects.toMatchObject({
    code: "ResourceNotFoundException",
    message: "The resource that you specified for the DestinationArn parameter doesn't exist.",
  });
  const handle = (content: object) => Buffer.from(JSON.stringify(content)).toString("base64");
  await expect(broker.cancelMessageMoveTask("garbage")).rejects.toMatchObject({
    message: "Value for parameter TaskHandle is invalid.",
  });
  await expect(
    broker.cancelMessageMoveTask(handle({ taskId: "x", sourceArn: arn("missing") })),
  ).rejects.toMatchObject({
    message: "The resource that you specified for the SourceArn parameter doesn't exist.",
  });
  await expect(
    broker.cancelMessageMoveTask(handle({ taskId: "x", sourceArn: arn("dlq") })),
  ).rejects.toMatchObject({
    message: "Task does not exist.",
  });
});
