import { expect, it } from "vitest";
import type { TestServer } from "../testing/start-test-server.js";
import { describeEachWire } from "./each-wire.js";

const CONTENT_BASED = { ContentBasedDeduplication: "true" };
const HIGH_THROUGHPUT = { DeduplicationScope: "messageGroup", FifoThroughputLimit: "perMessageGroupId" };

/** Sends messages named `GROUP-…`, each in the group that its name begins with. */
async function send({ call }: TestServer, QueueUrl: string, ...bodies: string[]): Promise<void> {
  for (const MessageBody of bodies) {
    const MessageGroupId = MessageBody.split("-")[0];
    await call("SendMessage", { QueueUrl, MessageBody, MessageGroupId });
  }
}

describeEachWire("sending to a FIFO queue", (use) => {
  it("needs a group, and a deduplication id or its content's", async () => {
    const { createQueue, refusal } = use();
    const message = { QueueUrl: await createQueue("q.fifo"), MessageBody: "test" };
    expect(await refusal("SendMessage", { ...message, MessageGroupId: "g" })).toEqual({
      code: "InvalidParameterValue",
      message:
        "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
      status: 400,
    });
    expect(await refusal("SendMessage", { ...message, MessageDeduplicationId: "d" })).toEqual({
      code: "MissingParameter",
      message: "The request must contain the parameter MessageGroupId.",
      status: 400,
    });
  });

  it("delays as the queue says, and takes no other delay than 0", async () => {
    const server = use();
    const QueueUrl = await server.createQueue("q.fifo", { ...CONTENT_BASED, DelaySeconds: "2" });
    const message = { QueueUrl, MessageBody: "g-1", MessageGroupId: "g" };
    expect(await server.refusal("SendMessage", { ...message, DelaySeconds: 2 })).toEqual({
      code: "InvalidParameterValue",
      message:
        "Value 2 for parameter DelaySeconds is invalid. Reason: The request include parameter that is not valid for this queue type.",
      status: 400,
    });
    expect(await server.call("SendMessage", { ...message, DelaySeconds: 0 })).toMatchObject({
      MessageId: expect.any(String),
      SequenceNumber: expect.stringMatching(/^\d{20}$/),
    });
    await send(server, QueueUrl, "g-2", "g-3");
    server.clock.advance(1_000);
    expect(await server.bodies(QueueUrl)).toEqual([]);
    server.clock.advance(1_000);
    expect(await server.bodies(QueueUrl)).toEqual(["g-1", "g-2", "g-3"]);
  });

  it("gives sequence numbers that grow", async () => {
    const { createQueue, call } = use();
    const QueueUrl = await createQueue("q.fifo");
    const numbers: bigint[] = [];
    for (const MessageDeduplicationId of ["m1", "m2", "m3"]) {
      const message = { QueueUrl, MessageBody: "x", MessageGroupId: "group", MessageDeduplicationId };
      numbers.push(BigInt((await call("SendMessage", message)).SequenceNumber ?? 0));
    }
    expect(numbers).toEqual(numbers.toSorted((a, b) => (a < b ? -1 : 1)));
    expect(new Set(numbers).size).toBe(3);
  });

  it("keeps group, deduplication id and sequence number with the message", async () => {
    const { createQueue, call } = use();
    const QueueUrl = await createQueue("q.fifo", {
      ...CONTENT_BASED,
      ...HIGH_THROUGHPUT,
      VisibilityTimeout: "0",
    });
    const { SequenceNumber, MessageId } = await call("SendMessage", {
      QueueUrl,
      MessageBody: "message-body-1",
      MessageGroupId: "group-1",
      MessageDeduplicationId: "dedup-1",
    });
    for (const ApproximateReceiveCount of ["1", "2"]) {
      const { Messages } = await call("ReceiveMessage", {
        QueueUrl,
        AttributeNames: ["All"],
        WaitTimeSeconds: 10,
      });
      expect(Messages).toEqual([
        {
          MessageId,
          ReceiptHandle: expect.any(String),
          Body: "message-body-1",
          MD5OfBody: "19c9e282d65f9733bc6b35d50062c7ee",
          Attributes: {
            ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/),
            ApproximateReceiveCount,
            MessageDeduplicationId: "dedup-1",
            MessageGroupId: "group-1",
            SenderId: expect.any(String),
            SentTimestamp: expect.stringMatching(/^\d{13}$/),
            SequenceNumber,
          },
        },
      ]);
    }
  });
});

describeEachWire("deduplication", (use) => {
  it.each([true, false])("lasts beyond the message, by content: %s", async (byContent) => {
    const { createQueue, call, bodies, clock } = use();
    const QueueUrl = await createQueue("q.fifo", byContent ? CONTENT_BASED : {});
    const ids = byContent ? {} : { MessageDeduplicationId: "dedup1" };
    const message = { QueueUrl, MessageBody: '{"foo": "bar"}', MessageGroupId: "group-1", ...ids };
    const first = await call("SendMessage", message);
    const { Messages = [] } = await call("ReceiveMessage", { QueueUrl });
    expect(Messages).toMatchObject([{ Body: message.MessageBody }]);
    await call("DeleteMessage", { QueueUrl, ReceiptHandle: Messages[0]?.ReceiptHandle });
    clock.advance(299_000);
    expect(await call("SendMessage", message)).toEqual(first);
    expect(await bodies(QueueUrl)).toEqual([]);
    clock.advance(1_000);
    expect((await call("SendMessage", message)).MessageId).not.toBe(first.MessageId);
    expect(await bodies(QueueUrl)).toEqual([message.MessageBody]);
  });

  it.each([true, false])(
    "is of the whole queue unless it says otherwise, by content: %s",
    async (byContent) => {
      const { createQueue, call, bodies } = use();
      const QueueUrl = await createQueue("q.fifo", byContent ? CONTENT_BASED : {});
      const ids = byContent ? {} : { MessageDeduplicationId: "dedup1" };
      for (const MessageGroupId of ["group-1", "group-2"]) {
        await call("SendMessage", { QueueUrl, MessageBody: "Test", MessageGroupId, ...ids });
      }
      expect(await bodies(QueueUrl)).toEqual(["Test"]);
    },
  );

  it("is of each group where the scope says so, with and without high throughput", async () => {
    const { createQueue, call, bodies } = use();
    const scope = { DeduplicationScope: "messageGroup" };
    for (const [name, attributes] of Object.entries({ "a.fifo": scope, "b.fifo": HIGH_THROUGHPUT })) {
      const QueueUrl = await createQueue(name, { ...CONTENT_BASED, ...attributes });
      for (const MessageGroupId of ["group1", "group1", "group2"]) {
        await call("SendMessage", { QueueUrl, MessageBody: "Test", MessageGroupId });
      }
      expect(await bodies(QueueUrl)).toEqual(["Test", "Test"]);
    }
  });

  it("keeps the scope that the queue was made with, whatever it is set to later", async () => {
    const server = use();
    const { createQueue, call, bodies } = server;
    const regular = { DeduplicationScope: "queue", FifoThroughputLimit: "perQueue" };
    const queues: [name: string, made: Record<string, string>, set: object, received: string[]][] = [
      ["a.fifo", { DeduplicationScope: "queue" }, HIGH_THROUGHPUT, ["Test1", "Test4"]],
      ["b.fifo", HIGH_THROUGHPUT, regular, ["Test1", "Test2", "Test3", "Test4", "Test5"]],
    ];
    for (const [name, made, set, received] of queues) {
      const QueueUrl = await createQueue(name, made);
      const sendOne = (number: number, MessageDeduplicationId: string) =>
        call("SendMessage", {
          QueueUrl,
          MessageBody: `Test${number}`,
          MessageGroupId: `group${number}`,
          MessageDeduplicationId,
        });
      await sendOne(1, "same-dedup");
      await sendOne(2, "same-dedup");
      await call("SetQueueAttributes", { QueueUrl, Attributes: set });
      const { Attributes } = await call("GetQueueAttributes", { QueueUrl, AttributeNames: ["All"] });
      expect(Attributes).toMatchObject(set);
      await sendOne(3, "same-dedup");
      await sendOne(4, "dedup_2");
      await sendOne(5, "dedup_2");
      expect(await bodies(QueueUrl)).toEqual(received);
    }
  });
});
