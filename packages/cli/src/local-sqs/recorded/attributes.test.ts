import { expect, it } from "vitest";
import type { TestServer } from "../testing/start-test-server.js";
import { describeEachWire } from "./each-wire.js";

const SECONDS = /^\d{10}$/;
/** What AWS says of a queue that nothing was said about. */
const DEFAULTS = {
  ApproximateNumberOfMessages: "0",
  ApproximateNumberOfMessagesDelayed: "0",
  ApproximateNumberOfMessagesNotVisible: "0",
  CreatedTimestamp: expect.stringMatching(SECONDS),
  DelaySeconds: "0",
  LastModifiedTimestamp: expect.stringMatching(SECONDS),
  MaximumMessageSize: "1048576",
  MessageRetentionPeriod: "345600",
  QueueArn: "arn:aws:sqs:us-east-1:000000000000:q",
  ReceiveMessageWaitTimeSeconds: "0",
  SqsManagedSseEnabled: "true",
  VisibilityTimeout: "30",
};
const FIFO_DEFAULTS = {
  ...DEFAULTS,
  ContentBasedDeduplication: "false",
  DeduplicationScope: "queue",
  FifoQueue: "true",
  FifoThroughputLimit: "perQueue",
  QueueArn: "arn:aws:sqs:us-east-1:000000000000:q.fifo",
};
const ONE_ENCRYPTION =
  "You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE.";

async function attributesOf({ call }: TestServer, QueueUrl: string, ...names: string[]) {
  const AttributeNames = names.length === 0 ? ["All"] : names;
  return (await call("GetQueueAttributes", { QueueUrl, AttributeNames })).Attributes;
}

describeEachWire("queue attributes", (use) => {
  it("are AWS's defaults, where nothing else was asked for", async () => {
    const server = use();
    expect(await attributesOf(server, await server.createQueue("q"))).toEqual(DEFAULTS);
    expect(await attributesOf(server, await server.createQueue("q.fifo"))).toEqual(FIFO_DEFAULTS);
  });

  it("are what was asked for when the queue was made, and what was set later", async () => {
    const server = use();
    const made = {
      MessageRetentionPeriod: "604800",
      ReceiveMessageWaitTimeSeconds: "10",
      VisibilityTimeout: "20",
    };
    const QueueUrl = await server.createQueue("q", made);
    expect(await attributesOf(server, QueueUrl)).toEqual({ ...DEFAULTS, ...made });
    const set = { MaximumMessageSize: "2048", VisibilityTimeout: "69", DelaySeconds: "420" };
    expect(await server.call("SetQueueAttributes", { QueueUrl, Attributes: set })).toEqual({});
    expect(await attributesOf(server, QueueUrl)).toEqual({ ...DEFAULTS, ...made, ...set });
  });

  it("are given by name, and left out where there are none", async () => {
    const server = use();
    const QueueUrl = await server.createQueue("q");
    expect(await attributesOf(server, QueueUrl, "QueueArn", "CreatedTimestamp", "VisibilityTimeout")).toEqual(
      {
        QueueArn: DEFAULTS.QueueArn,
        CreatedTimestamp: DEFAULTS.CreatedTimestamp,
        VisibilityTimeout: "30",
      },
    );
    expect(await server.call("GetQueueAttributes", { QueueUrl })).toEqual({});
    expect(await server.call("GetQueueAttributes", { QueueUrl, AttributeNames: ["Policy"] })).toEqual({});
    expect(await server.refusal("GetQueueAttributes", { QueueUrl, AttributeNames: ["Foobar"] })).toEqual({
      code: "InvalidAttributeName",
      message: "Unknown Attribute Foobar.",
      status: 400,
    });
  });

  it("count messages that wait, that are delayed and that are in flight", async () => {
    const server = use();
    const QueueUrl = await server.createQueue("q");
    for (const MessageBody of ["1", "2", "3", "4"])
      await server.call("SendMessage", { QueueUrl, MessageBody });
    await server.call("SendMessage", { QueueUrl, MessageBody: "5", DelaySeconds: 60 });
    await server.call("ReceiveMessage", { QueueUrl });
    expect(await attributesOf(server, QueueUrl)).toEqual({
      ...DEFAULTS,
      ApproximateNumberOfMessages: "3",
      ApproximateNumberOfMessagesDelayed: "1",
      ApproximateNumberOfMessagesNotVisible: "1",
    });
    server.clock.advance(30_000);
    expect(await attributesOf(server, QueueUrl)).toMatchObject({
      ApproximateNumberOfMessages: "4",
      ApproximateNumberOfMessagesNotVisible: "0",
    });
  });

  it("count only what was received of a group that is in flight", async () => {
    const server = use();
    const QueueUrl = await server.createQueue("q.fifo", { ContentBasedDeduplication: "True" });
    for (const [MessageBody, MessageGroupId] of ["11", "12", "23", "24", "35", "36"].map((id) => [
      id,
      id[0],
    ])) {
      await server.call("SendMessage", { QueueUrl, MessageBody, MessageGroupId });
    }
    for (const group of ["1", "2"]) {
      const received = await server.call("ReceiveMessage", {
        QueueUrl,
        MessageSystemAttributeNames: ["MessageGroupId"],
      });
      expect(received.Messages).toMatchObject([{ Attributes: { MessageGroupId: group } }]);
    }
    expect(await attributesOf(server, QueueUrl)).toMatchObject({
      ApproximateNumberOfMessages: "4",
      ApproximateNumberOfMessagesNotVisible: "2",
    });
  });

  it("turn content-based deduplication off and on", async () => {
    const server = use();
    const Attributes = { SqsManagedSseEnabled: "true", ContentBasedDeduplication: "true" };
    const QueueUrl = await server.createQueue("q.fifo", Attributes);
    expect(await attributesOf(server, QueueUrl)).toEqual({
      ...FIFO_DEFAULTS,
      ContentBasedDeduplication: "true",
    });
    await server.call("SetQueueAttributes", { QueueUrl, Attributes: { ContentBasedDeduplication: "false" } });
    expect(await attributesOf(server, QueueUrl)).toEqual(FIFO_DEFAULTS);
  });

  it("of FIFO queues are refused on a standard queue, each in its own words", async () => {
    const { createQueue, refusal } = use();
    const only = (name: string) => `You can specify the ${name} only when FifoQueue is set to true.`;
    const cases: [attribute: string, value: string, message: string][] = [
      ["FifoQueue", "false", "Unknown Attribute FifoQueue."],
      ["ContentBasedDeduplication", "false", "Unknown Attribute ContentBasedDeduplication."],
      ["DeduplicationScope", "queue", only("DeduplicationScope")],
      ["FifoThroughputLimit", "perQueue", only("FifoThroughputLimit")],
    ];
    const QueueUrl = await createQueue("q");
    for (const [name, value, message] of cases) {
      const refused = { code: "InvalidAttributeName", message, status: 400 };
      const Attributes = { [name]: value };
      expect(await refusal("CreateQueue", { QueueName: "other", Attributes })).toEqual(refused);
      expect(await refusal("SetQueueAttributes", { QueueUrl, Attributes })).toEqual(refused);
    }
    const Attributes = { FifoQueue: "true" };
    expect(await refusal("SetQueueAttributes", { QueueUrl, Attributes })).toMatchObject({
      code: "InvalidAttributeName",
      message: "Unknown Attribute FifoQueue.",
    });
  });

  it("cannot make a FIFO queue a standard one", async () => {
    const { createQueue, call, refusal } = use();
    const QueueUrl = await createQueue("q.fifo");
    await call("SetQueueAttributes", { QueueUrl, Attributes: { FifoQueue: "true" } });
    expect(await refusal("SetQueueAttributes", { QueueUrl, Attributes: { FifoQueue: "false" } })).toEqual({
      code: "InvalidAttributeValue",
      message: "Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported.",
      status: 400,
    });
  });

  it("name a key of KMS, and forget it", async () => {
    const server = use();
    const QueueUrl = await server.createQueue("q");
    const kms = { KmsMasterKeyId: "testKeyId", KmsDataKeyReusePeriodSeconds: "6000" };
    await server.call("SetQueueAttributes", { QueueUrl, Attributes: kms });
    expect(await attributesOf(server, QueueUrl)).toEqual({
      ...DEFAULTS,
      ...kms,
      SqsManagedSseEnabled: "false",
    });
    const none = { KmsMasterKeyId: "", KmsDataKeyReusePeriodSeconds: "300" };
    await server.call("SetQueueAttributes", { QueueUrl, Attributes: none });
    expect(await attributesOf(server, QueueUrl)).toEqual({ ...DEFAULTS, SqsManagedSseEnabled: "false" });
    await server.call("SetQueueAttributes", { QueueUrl, Attributes: { SqsManagedSseEnabled: "true" } });
    expect(await attributesOf(server, QueueUrl)).toEqual(DEFAULTS);
  });

  it("encrypt by KMS or by SQS, not by both", async () => {
    const server = use();
    const QueueUrl = await server.createQueue("q");
    const kms = {
      KmsMasterKeyId: "testKeyId",
      KmsDataKeyReusePeriodSeconds: "6000",
      SqsManagedSseEnabled: "false",
    };
    await server.call("SetQueueAttributes", { QueueUrl, Attributes: kms });
    expect(await attributesOf(server, QueueUrl, ...Object.keys(kms))).toEqual(kms);
    const both = { KmsMasterKeyId: "testKeyId", SqsManagedSseEnabled: "true" };
    expect(await server.refusal("SetQueueAttributes", { QueueUrl, Attributes: both })).toEqual({
      code: "InvalidAttributeName",
      message: ONE_ENCRYPTION,
      status: 400,
    });
  });

  it("keep a policy until it is set to nothing", async () => {
    const server = use();
    const QueueUrl = await server.createQueue("q");
    const set = (Policy: string) => server.call("SetQueueAttributes", { QueueUrl, Attributes: { Policy } });
    await set("");
    expect(await attributesOf(server, QueueUrl)).toEqual(DEFAULTS);
    const Policy = '{ "Statement": [{ "Effect": "Allow", "Action": "sqs:SendMessage" }] }';
    await set(Policy);
    expect(await attributesOf(server, QueueUrl)).toEqual({ ...DEFAULTS, Policy });
    expect(await attributesOf(server, QueueUrl, "Policy")).toEqual({ Policy });
    await set("");
    expect(await attributesOf(server, QueueUrl)).toEqual(DEFAULTS);
  });

  it("have the bounds that AWS's reference gives", async () => {
    const { createQueue, call, refusal } = use();
    const bounds: [attribute: string, least: number, most: number][] = [
      ["DelaySeconds", 0, 900],
      ["MaximumMessageSize", 1024, 1_048_576],
      ["MessageRetentionPeriod", 60, 1_209_600],
      ["ReceiveMessageWaitTimeSeconds", 0, 20],
      ["VisibilityTimeout", 0, 43_200],
      ["KmsDataKeyReusePeriodSeconds", 60, 86_400],
    ];
    const QueueUrl = await createQueue("q");
    const set = (name: string, value: unknown) => ({ QueueUrl, Attributes: { [name]: String(value) } });
    for (const [name, least, most] of bounds) {
      await call("SetQueueAttributes", set(name, least));
      await call("SetQueueAttributes", set(name, most));
      for (const value of [least - 1, most + 1, "", "ten", "1.5"]) {
        expect(await refusal("SetQueueAttributes", set(name, value))).toEqual({
          code: "InvalidAttributeValue",
          message: `Invalid value for the parameter ${name}.`,
          status: 400,
        });
      }
    }
  });

  it("that SQS sets itself, or does not have, cannot be set", async () => {
    const { createQueue, refusal } = use();
    const QueueUrl = await createQueue("q");
    for (const name of ["QueueArn", "CreatedTimestamp", "ApproximateNumberOfMessages", "All", "toString"]) {
      expect(await refusal("SetQueueAttributes", { QueueUrl, Attributes: { [name]: "1" } })).toMatchObject({
        code: "InvalidAttributeName",
        message: `Unknown Attribute ${name}.`,
      });
    }
  });

  it("allow a throughput limit of each group only where groups deduplicate for themselves", async () => {
    const server = use();
    const QueueUrl = await server.createQueue("q.fifo");
    const high = { DeduplicationScope: "messageGroup", FifoThroughputLimit: "perMessageGroupId" };
    const set = (Attributes: object) => ({ QueueUrl, Attributes });
    const refused = { code: "InvalidAttributeValue" };
    expect(
      await server.refusal("SetQueueAttributes", set({ FifoThroughputLimit: "perMessageGroupId" })),
    ).toMatchObject(refused);
    await server.call("SetQueueAttributes", set(high));
    expect(await attributesOf(server, QueueUrl)).toMatchObject(high);
    expect(await server.refusal("SetQueueAttributes", set({ DeduplicationScope: "queue" }))).toMatchObject(
      refused,
    );
  });
});
