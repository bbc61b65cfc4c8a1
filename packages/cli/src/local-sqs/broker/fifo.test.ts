import { describe, expect, test } from "vitest";
import { createTestClock } from "../../clock/test-clock.js";
import type { QueueAttributes } from "./broker.js";
import { createBroker } from "./create-broker.js";

const QUEUE = "orders.fifo";

async function start(attributes: Partial<QueueAttributes> = {}) {
  const clock = createTestClock();
  const broker = await createBroker({ clock });
  await broker.createQueue(QUEUE, { fifoQueue: true, contentBasedDeduplication: true, ...attributes }, {});
  return {
    clock,
    broker,
    send: (body: string, messageGroupId = "g1") => broker.send(QUEUE, { body, messageGroupId }),
    receive: async (maxMessages: number, visibilityTimeoutSeconds?: number) =>
      (await broker.receive(QUEUE, { maxMessages, visibilityTimeoutSeconds })).messages,
    bodies: async (maxMessages: number, visibilityTimeoutSeconds?: number) =>
      (await broker.receive(QUEUE, { maxMessages, visibilityTimeoutSeconds })).messages.map(
        ({ body }) => body,
      ),
  };
}

/** Recorded on AWS: the group's messages come first, in order, then the next group's. */
describe("one receive", () => {
  test("returns several messages of a group, then those of the next", async () => {
    const { send, bodies } = await start();
    for (const [body, group] of [
      ["a1", "a"],
      ["b1", "b"],
      ["a2", "a"],
      ["a3", "a"],
    ])
      await send(body ?? "", group);
    expect(await bodies(10)).toEqual(["a1", "a2", "a3", "b1"]);
  });

  test("with a visibility timeout of 0 leaves the order as it was, groups taking turns", async () => {
    const { send, bodies } = await start();
    for (const [body, group] of [
      ["a1", "a"],
      ["b1", "b"],
      ["b2", "b"],
      ["c1", "c"],
      ["a2", "a"],
    ]) {
      await send(body ?? "", group);
    }
    expect(await bodies(3, 0)).toEqual(["a1", "a2", "b1"]);
    expect(await bodies(10, 0)).toEqual(["c1", "a1", "a2", "b1", "b2"]);
  });
});

describe("a group with a message in flight", () => {
  test("waits, others do not", async () => {
    const { send, bodies, broker } = await start();
    for (const body of ["a1", "a2", "a3"]) await send(body, "a");
    await send("b1", "b");
    expect(await bodies(2)).toEqual(["a1", "a2"]);
    expect(broker.queue(QUEUE)).toMatchObject({ visibleCount: 2, inFlightCount: 2 });
    expect(await bodies(10)).toEqual(["b1"]);
  });

  test("goes on when all of them are deleted, not before", async () => {
    const { send, receive, bodies, broker } = await start();
    for (const body of ["1", "2", "3"]) await send(body);
    const [first, second] = await receive(2);
    await broker.deleteMessage(QUEUE, first?.receiptHandle ?? "");
    expect(await bodies(10)).toEqual([]);
    await broker.deleteMessage(QUEUE, second?.receiptHandle ?? "");
    expect(await bodies(10)).toEqual(["3"]);
  });

  test("keeps its order after a visibility timeout", async () => {
    const { send, bodies, clock } = await start();
    for (const body of ["1", "2", "3"]) await send(body);
    expect(await bodies(2)).toEqual(["1", "2"]);
    clock.advance(30_000);
    expect(await bodies(10)).toEqual(["1", "2", "3"]);
  });

  test("gives back a message whose visibility timeout is ended, alone", async () => {
    const { send, receive, bodies, broker } = await start();
    await send("a1", "a");
    await send("a2", "a");
    await send("b1", "b");
    const [first] = await receive(2);
    await broker.changeMessageVisibility(QUEUE, first?.receiptHandle ?? "", 0);
    expect(await bodies(3)).toEqual(["b1", "a1"]);
  });

  /** Recorded on AWS: extending one blocks it and all after it; those before it come back on their own. */
  test.each([
    [0, []],
    [1, ["1"]],
    [2, ["1", "2"]],
  ])("whose message %i was extended gives back %j", async (position, expected) => {
    const { send, receive, bodies, broker, clock } = await start({ visibilityTimeoutSeconds: 1 });
    for (const body of ["1", "2", "3"]) await send(body);
    const messages = await receive(5);
    expect(messages).toHaveLength(3);
    await broker.changeMessageVisibility(QUEUE, messages[position]?.receiptHandle ?? "", 4);
    clock.advance(2_500);
    expect(await bodies(5)).toEqual(expected);
  });
});

describe("an expired handle", () => {
  test("neither deletes nor changes, and an extended one does", async () => {
    const { send, receive, broker, clock } = await start({ visibilityTimeoutSeconds: 1 });
    await send("1");
    const [first] = await receive(1);
    const handle = first?.receiptHandle ?? "";
    clock.advance(1_000);
    const message = `Value ${handle} for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.`;
    await expect(broker.deleteMessage(QUEUE, handle)).rejects.toMatchObject({
      queryCode: "InvalidParameterValue",
      message,
    });
    await expect(broker.changeMessageVisibility(QUEUE, handle, 5)).rejects.toMatchObject({ message });

    const [again] = await receive(1);
    await broker.changeMessageVisibility(QUEUE, again?.receiptHandle ?? "", 5);
    clock.advance(4_000);
    await expect(broker.deleteMessage(QUEUE, handle)).rejects.toMatchObject({ message });
    await broker.deleteMessage(QUEUE, again?.receiptHandle ?? "");
    await broker.deleteMessage(QUEUE, again?.receiptHandle ?? "");
    expect(broker.queue(QUEUE)).toMatchObject({ visibleCount: 0, inFlightCount: 0 });
  });
});

describe("deduplication", () => {
  test("answers a duplicate with the first message's ids, after its deletion too, for five minutes", async () => {
    const { send, receive, broker, clock } = await start();
    const first = await send("same");
    const [received] = await receive(1);
    await broker.deleteMessage(QUEUE, received?.receiptHandle ?? "");
    clock.advance(299_999);
    expect(await send("same")).toEqual(first);
    expect(await receive(1)).toEqual([]);
    clock.advance(1);
    expect((await send("same")).messageId).not.toBe(first.messageId);
    expect(await receive(1)).toHaveLength(1);
  });

  test("in the scope of the queue goes across groups, in that of the group does not", async () => {
    const queue = await start();
    await queue.send("same", "a");
    await queue.send("same", "b");
    expect(await queue.bodies(10)).toEqual(["same"]);

    const groups = await start({ deduplicationScope: "messageGroup" });
    await groups.send("same", "a");
    await groups.send("same", "b");
    await groups.send("same", "b");
    expect(await groups.bodies(10)).toEqual(["same", "same"]);
  });

  /** Observed on AWS. */
  test("keeps the scope that the queue was created with", async () => {
    const { send, bodies, broker } = await start();
    await broker.setQueueAttributes(QUEUE, { deduplicationScope: "messageGroup" });
    await send("same", "a");
    await send("same", "b");
    expect(await bodies(10)).toEqual(["same"]);
    expect(broker.queue(QUEUE).attributes.deduplicationScope).toBe("messageGroup");
  });

  test("an explicit id overrides the content; the content's is SHA-256 of the body", async () => {
    const { broker, receive, send } = await start();
    await broker.send(QUEUE, { body: "same", messageGroupId: "g", messageDeduplicationId: "one" });
    await broker.send(QUEUE, { body: "same", messageGroupId: "g", messageDeduplicationId: "two" });
    await send("hello", "h");
    expect((await receive(10)).map(({ messageDeduplicationId }) => messageDeduplicationId)).toEqual([
      "one",
      "two",
      "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
    ]);
  });

  test("a message needs an id where the content is none, and a group always", async () => {
    const { broker } = await start({ contentBasedDeduplication: false });
    await expect(broker.send(QUEUE, { body: "x", messageGroupId: "g" })).rejects.toMatchObject({
      queryCode: "InvalidParameterValue",
      message:
        "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
    });
    await expect(broker.send(QUEUE, { body: "x", messageDeduplicationId: "d" })).rejects.toMatchObject({
      queryCode: "MissingParameter",
    });
  });

  test("a purge forgets it", async () => {
    const { broker, send, bodies } = await start();
    await send("same");
    await broker.purgeQueue(QUEUE);
    await send("same");
    expect(await bodies(10)).toEqual(["same"]);
  });
});

describe("a delay", () => {
  test("of a message is refused, 0 means the queue's, whose change counts for what is there", async () => {
    const { broker, bodies, clock } = await start({ delaySeconds: 10 });
    await expect(
      broker.send(QUEUE, { body: "x", messageGroupId: "g", delaySeconds: 2 }),
    ).rejects.toMatchObject({
      message:
        "Value 2 for parameter DelaySeconds is invalid. Reason: The request include parameter that is not valid for this queue type.",
    });
    await broker.send(QUEUE, { body: "1", messageGroupId: "g", delaySeconds: 0 });
    expect(broker.queue(QUEUE)).toMatchObject({ visibleCount: 0, delayedCount: 1 });
    clock.advance(3_000);
    await broker.setQueueAttributes(QUEUE, { delaySeconds: 4 });
    expect(await bodies(1)).toEqual([]);
    clock.advance(1_000);
    expect(await bodies(1)).toEqual(["1"]);
  });
});

test("sequence numbers have 20 digits and grow, also on the way through a dead-letter queue", async () => {
  const { broker, send, receive, clock } = await start();
  await broker.createQueue("dlq.fifo", { fifoQueue: true, contentBasedDeduplication: true }, {});
  const deadLetterTargetArn = "arn:aws:sqs:us-east-1:000000000000:dlq.fifo";
  await broker.setQueueAttributes(QUEUE, { redrivePolicy: { deadLetterTargetArn, maxReceiveCount: 2 } });
  const sent = [await send("1"), await send("2")];
  clock.advance(1_000);
  await receive(10, 0);
  await receive(10, 0);
  expect(await receive(10, 0)).toEqual([]);

  const { messages } = await broker.receive("dlq.fifo", { maxMessages: 10 });
  expect(messages.map(({ messageId }) => messageId)).toEqual(sent.map(({ messageId }) => messageId));
  expect(messages).toMatchObject([
    {
      body: "1",
      receiveCount: 3,
      messageDeduplicationId: sent[0]?.messageId,
      messageGroupId: "g1",
      sentAtMs: clock.now(),
      deadLetterSourceArn: `arn:aws:sqs:us-east-1:000000000000:${QUEUE}`,
    },
    { body: "2" },
  ]);
  const numbers = [...sent, ...messages].map(({ sequenceNumber }) => sequenceNumber ?? "");
  expect(numbers.every((number) => /^\d{20}$/.test(number))).toBe(true);
  expect(BigInt(sent[1]?.sequenceNumber ?? 0)).toBeGreaterThan(BigInt(sent[0]?.sequenceNumber ?? 0));
  // The group works on.
  await send("3");
  expect((await receive(10)).map(({ body }) => body)).toEqual(["3"]);
});

describe("a receive request attempt id", () => {
  const request = (receiveRequestAttemptId: string) => ({ maxMessages: 10, receiveRequestAttemptId });

  test("gives the same messages and handles again, with their visibility timeout started anew", async () => {
    const { broker, send, clock } = await start();
    await send("1");
    const first = await broker.receive(QUEUE, request("attempt"));
    clock.advance(20_000);
    const again = await broker.receive(QUEUE, request("attempt"));
    expect(again.messages).toEqual(first.messages);
    clock.advance(29_999);
    expect(broker.queue(QUEUE).inFlightCount).toBe(1);
    clock.advance(1);
    expect(broker.queue(QUEUE).inFlightCount).toBe(0);
  });

  test("is good for five minutes", async () => {
    const { broker, send, clock } = await start({ visibilityTimeoutSeconds: 600 });
    await send("1");
    await broker.receive(QUEUE, request("attempt"));
    clock.advance(299_999);
    expect((await broker.receive(QUEUE, request("attempt"))).messages).toHaveLength(1);
    clock.advance(1);
    expect((await broker.receive(QUEUE, request("attempt"))).messages).toEqual([]);
  });

  test("is good for nothing once a message was changed", async () => {
    const { broker, send } = await start();
    await send("1");
    const first = await broker.receive(QUEUE, request("attempt"));
    await broker.changeMessageVisibility(QUEUE, first.messages[0]?.receiptHandle ?? "", 5);
    expect((await broker.receive(QUEUE, request("attempt"))).messages).toEqual([]);
  });
});
