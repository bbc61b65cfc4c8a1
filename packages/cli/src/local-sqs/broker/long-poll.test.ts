import { describe, expect, test } from "vitest";
import { createTestClock } from "../../clock/test-clock.js";
import type { Delivery } from "./broker.js";
import { createBroker } from "./create-broker.js";

const QUEUE = "emails";

async function start() {
  const clock = createTestClock();
  const broker = await createBroker({ clock });
  await broker.createQueue(QUEUE, {}, {});
  return {
    clock,
    broker,
    wait: (signal?: AbortSignal, maxMessages = 10) =>
      broker.receive(QUEUE, { maxMessages, waitTimeSeconds: 20 }, signal),
  };
}

const bodies = ({ messages }: Delivery) => messages.map(({ body }) => body);

test("a waiting receive gets all that is sent in one turn, at once", async () => {
  const { broker, wait } = await start();
  const waiting = wait();
  await broker.flush();
  const sent = [broker.send(QUEUE, { body: "1" }), broker.send(QUEUE, { body: "2" })];
  expect(bodies(await waiting)).toEqual(["1", "2"]);
  await Promise.all(sent);
});

test("first come, first served, and a message goes to one alone", async () => {
  const { broker, wait, clock } = await start();
  const waiting = [wait(), wait()];
  await broker.send(QUEUE, { body: "1" });
  expect(bodies((await waiting[0]) as Delivery)).toEqual(["1"]);
  await broker.send(QUEUE, { body: "2" });
  expect(bodies((await waiting[1]) as Delivery)).toEqual(["2"]);
  clock.advance(1);
});

test("a waiting receive wakes when a delay, or a visibility timeout, ends", async () => {
  const { broker, wait, clock } = await start();
  await broker.send(QUEUE, { body: "1", delaySeconds: 3 });
  const first = wait();
  clock.advance(3_000);
  expect(bodies(await first)).toEqual(["1"]);
  const second = broker.receive(QUEUE, { maxMessages: 1, waitTimeSeconds: 20, visibilityTimeoutSeconds: 5 });
  clock.advance(19_999);
  await broker.flush();
  clock.advance(1);
  expect(bodies(await second)).toEqual([]);
  const third = wait();
  clock.advance(10_000);
  expect(bodies(await third)).toEqual(["1"]);
});

test("the queue's own wait counts where the request has none", async () => {
  const { broker, clock } = await start();
  await broker.setQueueAttributes(QUEUE, { receiveMessageWaitTimeSeconds: 7 });
  let answered = false;
  const waiting = broker.receive(QUEUE, { maxMessages: 1 }).then(() => {
    answered = true;
  });
  await broker.flush();
  clock.advance(6_999);
  await broker.flush();
  expect(answered).toBe(false);
  clock.advance(1);
  await waiting;
});

describe("a client that hung up", () => {
  test("while it waits takes no message", async () => {
    const { broker, wait } = await start();
    const client = new AbortController();
    const waiting = wait(client.signal);
    await broker.flush();
    client.abort();
    expect(bodies(await waiting)).toEqual([]);
    await broker.send(QUEUE, { body: "1" });
    expect(broker.queue(QUEUE)).toMatchObject({ visibleCount: 1, inFlightCount: 0 });
  });

  test("before it asked, or while its messages are being written down, holds none and raises no count", async () => {
    const { broker } = await start();
    await broker.send(QUEUE, { body: "1" });
    expect(bodies(await broker.receive(QUEUE, { maxMessages: 1 }, AbortSignal.abort()))).toEqual([]);
    const client = new AbortController();
    const receiving = broker.receive(QUEUE, { maxMessages: 1 }, client.signal);
    client.abort();
    expect(bodies(await receiving)).toEqual([]);
    expect(broker.queue(QUEUE)).toMatchObject({ visibleCount: 1, inFlightCount: 0 });
    expect((await broker.receive(QUEUE, { maxMessages: 1 })).messages).toMatchObject([{ receiveCount: 1 }]);
  });

  test("after the answer: undone, the messages are back where they were, and wake the next", async () => {
    const { broker, wait, clock } = await start();
    for (const body of ["1", "2", "3"]) await broker.send(QUEUE, { body });
    const delivery = await broker.receive(QUEUE, { maxMessages: 2 });
    delivery.undo();
    delivery.undo();
    clock.advance(1_000);
    const again = await broker.receive(QUEUE, { maxMessages: 10 });
    expect(again.messages).toMatchObject([
      { body: "1", receiveCount: 1, firstReceivedAtMs: clock.now() },
      { body: "2", receiveCount: 1 },
      { body: "3", receiveCount: 1 },
    ]);
    const waiting = wait();
    again.undo();
    expect(bodies(await waiting)).toEqual(["1", "2", "3"]);
  });

  test("undoing does not touch what was deleted, or received by another, since", async () => {
    const { broker, clock } = await start();
    await broker.send(QUEUE, { body: "1" });
    await broker.send(QUEUE, { body: "2" });
    const delivery = await broker.receive(QUEUE, { maxMessages: 10 });
    await broker.deleteMessage(QUEUE, delivery.messages[0]?.receiptHandle ?? "");
    clock.advance(30_000);
    const other = await broker.receive(QUEUE, { maxMessages: 10 });
    expect(other.messages).toMatchObject([{ body: "2", receiveCount: 2 }]);
    delivery.undo();
    expect(broker.queue(QUEUE)).toMatchObject({ visibleCount: 0, inFlightCount: 1 });
  });

  test("on a FIFO queue: the group's lock and order are as before", async () => {
    const { broker } = await start();
    await broker.createQueue("q.fifo", { fifoQueue: true, contentBasedDeduplication: true }, {});
    for (const [body, messageGroupId] of [
      ["a1", "a"],
      ["b1", "b"],
      ["a2", "a"],
    ]) {
      await broker.send("q.fifo", { body: body ?? "", messageGroupId });
    }
    (await broker.receive("q.fifo", { maxMessages: 3 })).undo();
    expect(bodies(await broker.receive("q.fifo", { maxMessages: 10 }))).toEqual(["a1", "a2", "b1"]);
  });
});

test("deleting the queue answers who waits", async () => {
  const { broker, wait } = await start();
  const refused = expect(wait()).rejects.toMatchObject({ code: "QueueDoesNotExist" });
  await broker.flush();
  await broker.deleteQueue(QUEUE);
  await refused;
});

test("closing the broker answers who waits, and refuses what comes after", async () => {
  const { broker, wait } = await start();
  const waiting = wait();
  await broker.flush();
  await broker.close();
  expect(bodies(await waiting)).toEqual([]);
  await expect(broker.send(QUEUE, { body: "1" })).rejects.toMatchObject({ code: "QR_LOCAL_STORE_CLOSED" });
});
