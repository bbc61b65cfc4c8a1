import { describe, expect, test } from "vitest";
import { createTestClock } from "../../clock/test-clock.js";
import { MemoryStorage } from "../storage/memory-storage.js";
import type { Broker } from "./broker.js";
import { createBroker } from "./create-broker.js";

function server() {
  const clock = createTestClock();
  const entries = new Map<string, string>();
  return { clock, entries, start: () => createBroker({ clock, storage: new MemoryStorage(entries) }) };
}

async function receive(broker: Broker, queue: string, held = false) {
  return (await broker.receive(queue, { maxMessages: 10, held })).messages;
}

describe("after a restart", () => {
  test("queues are as they were: attributes, tags, times, messages in order", async () => {
    const { start, clock } = server();
    let broker = await start();
    await broker.createQueue("q", { visibilityTimeoutSeconds: 5, passive: { Policy: "{}" } }, { a: "1" });
    await broker.tagQueue("q", { b: "2" });
    await broker.untagQueue("q", ["a"]);
    await broker.setQueueAttributes("q", {
      delaySeconds: 1,
      passive: { KmsMasterKeyId: "key", Policy: null },
    });
    for (const body of ["1", "2", "3"]) await broker.send("q", { body, delaySeconds: 0 });
    const before = broker.queue("q");
    clock.advance(1_000);
    broker = await start();
    expect(broker.queue("q")).toEqual(before);
    expect(before).toMatchObject({
      tags: { b: "2" },
      attributes: { delaySeconds: 1, passive: { KmsMasterKeyId: "key" } },
    });
    expect((await receive(broker, "q")).map(({ body }) => body)).toEqual(["1", "2", "3"]);
  });

  test("what this process held is visible at once, in order, with its receive count; what others hold is not", async () => {
    const { start, clock } = server();
    let broker = await start();
    await broker.createQueue("q", {}, {});
    await broker.createQueue("other", {}, {});
    for (const body of ["1", "2"]) await broker.send("q", { body });
    await broker.send("other", { body: "theirs" });
    await receive(broker, "q", true);
    const [theirs] = await receive(broker, "other");
    broker = await start();
    expect((await receive(broker, "q")).map(({ body, receiveCount }) => [body, receiveCount])).toEqual([
      ["1", 2],
      ["2", 2],
    ]);
    expect(broker.queue("other")).toMatchObject({ inFlightCount: 1 });
    clock.advance(29_999);
    expect(broker.queue("other")).toMatchObject({ inFlightCount: 1 });
    await broker.deleteMessage("other", theirs?.receiptHandle ?? "");
    expect(broker.queue("other")).toMatchObject({ inFlightCount: 0, visibleCount: 0 });
  });

  test("a backoff goes on, once the receiver in this process has let go", async () => {
    const { start, clock } = server();
    let broker = await start();
    await broker.createQueue("q.fifo", { fifoQueue: true, contentBasedDeduplication: true }, {});
    await broker.send("q.fifo", { body: "1", messageGroupId: "g" });
    const [message] = await receive(broker, "q.fifo", true);
    await broker.changeMessageVisibility("q.fifo", message?.receiptHandle ?? "", 60);
    await broker.release("q.fifo", [message?.receiptHandle ?? ""]);
    clock.advance(20_000);
    broker = await start();
    clock.advance(39_999);
    expect(await receive(broker, "q.fifo")).toEqual([]);
    clock.advance(1);
    expect(await receive(broker, "q.fifo")).toMatchObject([{ body: "1", receiveCount: 2 }]);
  });

  test("a delay and a deduplication window go on by the wall clock, downtime included", async () => {
    const { start, clock } = server();
    let broker = await start();
    await broker.createQueue("q.fifo", { fifoQueue: true, contentBasedDeduplication: true }, {});
    await broker.createQueue("q", {}, {});
    await broker.send("q", { body: "late", delaySeconds: 100 });
    const first = await broker.send("q.fifo", { body: "same", messageGroupId: "g" });
    const [message] = await receive(broker, "q.fifo");
    await broker.deleteMessage("q.fifo", message?.receiptHandle ?? "");
    clock.advance(99_999);
    broker = await start();
    expect(await receive(broker, "q")).toEqual([]);
    clock.advance(1);
    expect(await receive(broker, "q")).toMatchObject([{ body: "late" }]);
    clock.advance(199_999);
    broker = await start();
    expect(await broker.send("q.fifo", { body: "same", messageGroupId: "g" })).toEqual(first);
    clock.advance(1);
    broker = await start();
    expect((await broker.send("q.fifo", { body: "same", messageGroupId: "g" })).messageId).not.toBe(
      first.messageId,
    );
  });

  test("numbers and handles are never used again", async () => {
    const { start } = server();
    let broker = await start();
    await broker.createQueue("q.fifo", { fifoQueue: true, contentBasedDeduplication: true }, {});
    const first = await broker.send("q.fifo", { body: "1", messageGroupId: "g" });
    const [message] = await receive(broker, "q.fifo");
    const old = message?.receiptHandle ?? "";
    await broker.deleteMessage("q.fifo", old);
    broker = await start();
    const second = await broker.send("q.fifo", { body: "2", messageGroupId: "g" });
    expect(BigInt(second.sequenceNumber ?? 0)).toBeGreaterThan(BigInt(first.sequenceNumber ?? 0));
    await receive(broker, "q.fifo");
    await broker.deleteMessage("q.fifo", old);
    expect(broker.queue("q.fifo")).toMatchObject({ inFlightCount: 1 });
  });

  test("what a purge or a deletion of a queue left behind is gone from the disk", async () => {
    const { start, entries, clock } = server();
    let broker = await start();
    await broker.createQueue("purged", {}, {});
    await broker.createQueue("deleted.fifo", { fifoQueue: true, contentBasedDeduplication: true }, {});
    await broker.send("purged", { body: "1" });
    await broker.send("deleted.fifo", { body: "1", messageGroupId: "g" });
    const leftovers = [...entries].filter(([key]) => /^[mbd]\//.test(key));
    await broker.purgeQueue("purged");
    await broker.deleteQueue("deleted.fifo");
    await broker.close();
    // As a process leaves it that dies before it has cleaned up.
    for (const [key, value] of leftovers) entries.set(key, value);
    broker = await start();
    expect(broker.queueNames()).toEqual(["purged"]);
    expect(broker.queue("purged")).toMatchObject({ visibleCount: 0 });
    await expect(broker.createQueue("deleted.fifo", { fifoQueue: true }, {})).rejects.toMatchObject({
      code: "QueueDeletedRecently",
    });
    await expect(broker.purgeQueue("purged")).rejects.toMatchObject({ code: "PurgeQueueInProgress" });
    await broker.close();
    expect([...entries.keys()].filter((key) => /^[mbd]\//.test(key))).toEqual([]);
    clock.advance(60_000);
    broker = await start();
    await broker.createQueue("deleted.fifo", { fifoQueue: true }, {});
    expect(broker.queue("deleted.fifo")).toMatchObject({ visibleCount: 0 });
  });

  test("a store of another format, or one that makes no sense, is an error", async () => {
    const { start, entries } = server();
    const broker = await start();
    await broker.createQueue("q", {}, {});
    await broker.close();
    entries.set("q/zzz", "not json");
    await expect(start()).rejects.toMatchObject({ code: "QR_LOCAL_STORE_CORRUPT" });
    entries.delete("q/zzz");
    entries.set("format", "999");
    await expect(start()).rejects.toMatchObject({ code: "QR_LOCAL_STORE_CORRUPT" });
  });
});
