import { describe, expect, test } from "vitest";
import { createTestClock } from "../../clock/test-clock.js";
import { createBroker } from "./create-broker.js";

describe("a standard queue", () => {
  test("delivers a message once, until its visibility timeout ends", async () => {
    const clock = createTestClock();
    const broker = await createBroker({ clock });
    await broker.createQueue("emails", {}, {});
    const { messageId } = await broker.send("emails", { body: "hello" });

    const first = await broker.receive("emails", { maxMessages: 10 });
    expect(first.messages).toMatchObject([{ messageId, body: "hello", receiveCount: 1 }]);
    expect((await broker.receive("emails", { maxMessages: 10 })).messages).toEqual([]);

    clock.advance(30_000);
    expect(broker.queue("emails")).toMatchObject({ visibleCount: 1, inFlightCount: 0 });
    const second = await broker.receive("emails", { maxMessages: 10 });
    expect(second.messages).toMatchObject([{ messageId, receiveCount: 2 }]);
    await broker.deleteMessage("emails", second.messages[0]?.receiptHandle ?? "");
    expect(broker.queue("emails")).toMatchObject({ visibleCount: 0, inFlightCount: 0, oldestSentAtMs: null });
  });

  test("wakes a long poll", async () => {
    const broker = await createBroker({ clock: createTestClock() });
    await broker.createQueue("emails", {}, {});
    const waiting = broker.receive("emails", { maxMessages: 10, waitTimeSeconds: 20 });
    const sent = [broker.send("emails", { body: "1" }), broker.send("emails", { body: "2" })];
    expect((await waiting).messages.map(({ body }) => body)).toEqual(["1", "2"]);
    await Promise.all(sent);
  });
});
