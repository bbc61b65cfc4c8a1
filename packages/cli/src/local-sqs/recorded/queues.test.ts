import { expect, it } from "vitest";
import { describeEachWire } from "./each-wire.js";

const EXISTS = "A queue already exists with the same name and a different value for attribute";
const STANDARD_NAME = "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length";

describeEachWire("making, finding and deleting queues", (use) => {
  it("answers the same queue when asked again with nothing, or with the same attributes", async () => {
    const { createQueue, call } = use();
    const QueueUrl = await createQueue("q", { DelaySeconds: "1", ReceiveMessageWaitTimeSeconds: "1" });
    expect(await createQueue("q")).toBe(QueueUrl);
    expect(await createQueue("q", { DelaySeconds: "1" })).toBe(QueueUrl);
    await call("SendMessage", { QueueUrl, MessageBody: "foobar" });
    expect(await createQueue("q")).toBe(QueueUrl);
    const fifo = await createQueue("q.fifo");
    expect(await createQueue("q.fifo", { FifoQueue: "True" })).toBe(fifo);
  });

  it("refuses other attributes, as they are now", async () => {
    const { createQueue, call, refusal } = use();
    const attributes = { ReceiveMessageWaitTimeSeconds: "1", DelaySeconds: "1" };
    const other = { ReceiveMessageWaitTimeSeconds: "1", DelaySeconds: "2" };
    const QueueUrl = await createQueue("q", attributes);
    const exists = { code: "QueueAlreadyExists", message: `${EXISTS} DelaySeconds`, status: 400 };
    expect(await refusal("CreateQueue", { QueueName: "q", Attributes: other })).toEqual(exists);
    await call("SetQueueAttributes", { QueueUrl, Attributes: { DelaySeconds: "2" } });
    expect(await createQueue("q", other)).toBe(QueueUrl);
    expect(await refusal("CreateQueue", { QueueName: "q", Attributes: attributes })).toEqual(exists);
  });

  it("refuses other attributes of a FIFO queue", async () => {
    const { createQueue, refusal } = use();
    await createQueue("q.fifo", { ContentBasedDeduplication: "true" });
    const Attributes = { FifoQueue: "true", ContentBasedDeduplication: "false" };
    expect(await refusal("CreateQueue", { QueueName: "q.fifo", Attributes })).toEqual({
      code: "QueueAlreadyExists",
      message: `${EXISTS} ContentBasedDeduplication`,
      status: 400,
    });
  });

  it("compares encryption and redrive policies by what they mean", async () => {
    const { createQueue, arnOf, refusal } = use();
    const target = arnOf(await createQueue("dead"));
    const policy = (maxReceiveCount: unknown) =>
      JSON.stringify({ maxReceiveCount, deadLetterTargetArn: target });
    const QueueUrl = await createQueue("q", { RedrivePolicy: policy(5) });
    expect(await createQueue("q", { RedrivePolicy: policy("5"), SqsManagedSseEnabled: "true" })).toBe(
      QueueUrl,
    );
    const Attributes = { SqsManagedSseEnabled: "false" };
    expect(await refusal("CreateQueue", { QueueName: "q", Attributes })).toMatchObject({
      message: `${EXISTS} SqsManagedSseEnabled`,
    });
    expect(
      await refusal("CreateQueue", { QueueName: "q", Attributes: { RedrivePolicy: policy(6) } }),
    ).toMatchObject({ message: `${EXISTS} RedrivePolicy` });
  });

  it("takes no other names", async () => {
    const { refusal } = use();
    const invalid = { code: "InvalidParameterValue", message: STANDARD_NAME, status: 400 };
    for (const QueueName of ["q.fifo", "a b", "queue/x/", "a".repeat(81)]) {
      expect(await refusal("CreateQueue", { QueueName })).toEqual(invalid);
    }
    const fifo = await refusal("CreateQueue", { QueueName: "invalid", Attributes: { FifoQueue: "true" } });
    expect(fifo).toMatchObject({ code: "InvalidParameterValue", status: 400 });
    expect(fifo.message).toContain("must end with .fifo suffix");
  });

  it("wants a minute between deleting a queue and making it anew", async () => {
    const { createQueue, call, refusal, clock } = use();
    const QueueUrl = await createQueue("q");
    await call("DeleteQueue", { QueueUrl });
    expect(await refusal("CreateQueue", { QueueName: "q" })).toEqual({
      code: "AWS.SimpleQueueService.QueueDeletedRecently",
      message:
        "You must wait 60 seconds after deleting a queue before you can create another with the same name.",
      status: 400,
    });
    clock.advance(60_000);
    expect(await createQueue("q")).toBe(QueueUrl);
  });

  it("lists queues by prefix, and leaves an empty list out", async () => {
    const { createQueue, call } = use();
    const b = await createQueue("b-1");
    const a2 = await createQueue("a-2");
    const a1 = await createQueue("a-1");
    expect(await call("ListQueues", { QueueNamePrefix: "a-" })).toEqual({ QueueUrls: [a1, a2] });
    expect(await call("ListQueues", {})).toEqual({ QueueUrls: [a1, a2, b] });
    expect(await call("ListQueues", { QueueNamePrefix: "none" })).toEqual({});
  });

  it("lists queues in pages", async () => {
    const { createQueue, call, refusal } = use();
    const urls: string[] = [];
    for (let index = 0; index < 10; index++) urls.push(await createQueue(`q-${index}`));
    expect(await call("ListQueues", { QueueNamePrefix: "q-" })).toEqual({ QueueUrls: urls });
    const first = await call("ListQueues", { MaxResults: 2 });
    expect(first).toEqual({ QueueUrls: urls.slice(0, 2), NextToken: expect.any(String) });
    const rest = { MaxResults: 10, NextToken: first.NextToken };
    expect(await call("ListQueues", rest)).toEqual({ QueueUrls: urls.slice(2) });
    expect(await refusal("ListQueues", { NextToken: "?" })).toMatchObject({ code: "InvalidParameterValue" });
    for (const MaxResults of [0, 1001]) {
      expect(await refusal("ListQueues", { MaxResults })).toMatchObject({ code: "InvalidParameterValue" });
    }
  });

  it("finds a queue by name, in its own account", async () => {
    const { createQueue, call, refusal, endpoint } = use();
    const QueueUrl = await createQueue("q");
    expect(QueueUrl).toBe(`${endpoint}/000000000000/q`);
    expect(await call("GetQueueUrl", { QueueName: "q" })).toEqual({ QueueUrl });
    const here = { QueueName: "q", QueueOwnerAWSAccountId: "000000000000" };
    expect(await call("GetQueueUrl", here)).toEqual({ QueueUrl });
    const code = "AWS.SimpleQueueService.NonExistentQueue";
    expect(await refusal("GetQueueUrl", { QueueName: "other" })).toMatchObject({ code, status: 400 });
    const elsewhere = { QueueName: "q", QueueOwnerAWSAccountId: "123456789012" };
    expect(await refusal("GetQueueUrl", elsewhere)).toMatchObject({ code });
  });

  it("knows a queue by its name, and by its path on any host", async () => {
    const { createQueue, call, bodies, refusal } = use();
    const url = await createQueue("q");
    const elsewhere = "https://sqs.us-east-1.amazonaws.com/000000000000/q";
    for (const QueueUrl of ["q", url, url.replace("127.0.0.1", "localhost")]) {
      expect(await call("SendMessage", { QueueUrl, MessageBody: "Using name instead of URL" })).toMatchObject(
        {
          MD5OfMessageBody: "86a83f96652a1bfad3891e7d523750cb",
        },
      );
    }
    expect(await bodies(url)).toHaveLength(3);
    // The SDK would go to a host that the URL names: over the query protocol it is a parameter like any other.
    expect(await refusal("DeleteQueue", { QueueUrl: `${elsewhere}s`.replace(/^.*com/, "") })).toMatchObject({
      code: "AWS.SimpleQueueService.NonExistentQueue",
    });
  });
});
