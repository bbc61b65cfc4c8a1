import { expect, test } from "vitest";
import { createTestClock } from "../../clock/test-clock.js";
import type { Delivery, ReceivedMessage } from "../../local-sqs/broker/broker.js";
import { gatherBatch } from "./gather-batch.js";
import type { MessageSource } from "./message-source.js";

const message = (messageId: string, receiptHandle: string) =>
  ({ messageId, receiptHandle, body: messageId, attributes: {} }) as ReceivedMessage;

test("a message that comes again while its batch is filled is in it once, by its latest receive", async () => {
  const deliveries: ReceivedMessage[][] = [
    [message("a", "a1"), message("b", "b1")],
    // A laptop woke up: the visibility timeouts of what was received are over.
    [message("a", "a2"), message("c", "c1")],
  ];
  const undone: number[] = [];
  const source: Pick<MessageSource, "receive"> = {
    async receive(): Promise<Delivery> {
      const index = 2 - deliveries.length;
      return { messages: deliveries.shift() ?? [], undo: () => undone.push(index) };
    },
  };
  const batch = await gatherBatch(
    { batchSize: 4, batchWindowSeconds: 10 },
    source as MessageSource,
    createTestClock(),
    new AbortController().signal,
  );
  expect(batch.messages.map(({ receiptHandle }) => receiptHandle)).toEqual(["a2", "b1", "c1"]);
  batch.undo();
  expect(undone).toEqual([1, 0]);
});
