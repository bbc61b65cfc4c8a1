import { expect, it } from "vitest";
import { describeEachWire } from "./each-wire.js";

const invalidValue = (value: number, parameter: string, reason: string) => ({
  code: "InvalidParameterValue",
  message: `Value ${value} for parameter ${parameter} is invalid. Reason: ${reason}`,
  status: 400,
});

describeEachWire("receiving", (use) => {
  it("says nothing of messages where there are none, with and without waiting", async () => {
    const { createQueue, call, clock, received } = use();
    const QueueUrl = await createQueue("q");
    expect(await call("ReceiveMessage", { QueueUrl, MaxNumberOfMessages: 1 })).toEqual({});
    const polled = call("ReceiveMessage", { QueueUrl, MaxNumberOfMessages: 1, WaitTimeSeconds: 1 });
    await received(2);
    clock.advance(1_000);
    expect(await polled).toEqual({});
  });

  it("takes 1 to 10 messages, and waits 0 to 20 seconds", async () => {
    const { createQueue, bodies, call, refusal } = use();
    const QueueUrl = await createQueue("q");
    await call("SendMessage", { QueueUrl, MessageBody: "message" });
    for (const count of [0, -1, 11]) {
      expect(await refusal("ReceiveMessage", { QueueUrl, MaxNumberOfMessages: count })).toEqual(
        invalidValue(count, "MaxNumberOfMessages", "Must be between 1 and 10, if provided."),
      );
    }
    for (const seconds of [-1, 21]) {
      expect(await refusal("ReceiveMessage", { QueueUrl, WaitTimeSeconds: seconds })).toEqual(
        invalidValue(seconds, "WaitTimeSeconds", "Must be >= 0 and <= 20, if provided."),
      );
    }
    for (const seconds of [-1, 43_201]) {
      expect(await refusal("ReceiveMessage", { QueueUrl, VisibilityTimeout: seconds })).toMatchObject({
        code: "InvalidParameterValue",
      });
    }
    expect(await bodies(QueueUrl, { WaitTimeSeconds: 0 })).toEqual(["message"]);
  });

  it("answers a long poll at once with what is there, and as soon as something comes", async () => {
    const { createQueue, call, bodies, received } = use();
    const QueueUrl = await createQueue("q", { ReceiveMessageWaitTimeSeconds: "10" });
    await call("SendMessage", { QueueUrl, MessageBody: "1" });
    await call("SendMessage", { QueueUrl, MessageBody: "2" });
    expect(await bodies(QueueUrl, { WaitTimeSeconds: 5 })).toEqual(["1", "2"]);
    const polls = [bodies(QueueUrl), bodies(QueueUrl, { WaitTimeSeconds: 20 })];
    await received(3);
    await call("SendMessage", { QueueUrl, MessageBody: "3" });
    await call("SendMessage", { QueueUrl, MessageBody: "4" });
    expect((await Promise.all(polls)).flat().sort()).toEqual(["3", "4"]);
  });

  it("answers a long poll when a delay or a visibility timeout ends", async () => {
    const { createQueue, call, bodies, clock, received } = use();
    const QueueUrl = await createQueue("q", { VisibilityTimeout: "1" });
    await call("SendMessage", { QueueUrl, MessageBody: "foobar", DelaySeconds: 1 });
    expect(await bodies(QueueUrl)).toEqual([]);
    const delayed = bodies(QueueUrl, { WaitTimeSeconds: 2 });
    await received(2);
    clock.advance(1_000);
    expect(await delayed).toEqual(["foobar"]);
    const hidden = bodies(QueueUrl, { WaitTimeSeconds: 5 });
    await received(3);
    clock.advance(1_000);
    expect(await hidden).toEqual(["foobar"]);
  });

  it("gives every receive a handle of its own", async () => {
    const { createQueue, call } = use();
    const QueueUrl = await createQueue("q");
    await call("SendMessage", { QueueUrl, MessageBody: "foobar" });
    const first = await call("ReceiveMessage", { QueueUrl, VisibilityTimeout: 0 });
    const second = await call("ReceiveMessage", { QueueUrl, VisibilityTimeout: 3 });
    expect(second.Messages?.[0]?.MessageId).toBe(first.Messages?.[0]?.MessageId);
    expect(second.Messages?.[0]?.ReceiptHandle).not.toBe(first.Messages?.[0]?.ReceiptHandle);
    expect(await call("ReceiveMessage", { QueueUrl })).toEqual({});
  });

  it("filters message attributes by name, prefix and wildcard", async () => {
    const { createQueue, call } = use();
    const QueueUrl = await createQueue("q", { VisibilityTimeout: "0" });
    const General = { DataType: "String", StringValue: "Kenobi" };
    const Hello = { DataType: "String", StringValue: "There" };
    const HelpMe = { DataType: "String", StringValue: "Me" };
    const all = { General, Hello, "Help.Me": HelpMe };
    const MD5_OF_ALL = "4c360f3fdafd970e05fae2f149d997f5";
    const sent = await call("SendMessage", { QueueUrl, MessageBody: "msg", MessageAttributes: all });
    expect(sent).toMatchObject({
      MD5OfMessageBody: "6e2baaf3b97dbeef01c0043275f9a0e7",
      MD5OfMessageAttributes: MD5_OF_ALL,
    });
    const filters: [names: string[], attributes?: object, md5?: string][] = [
      [[]],
      [["All"], all, MD5_OF_ALL],
      [["*"], all, MD5_OF_ALL],
      [[".*"], all, MD5_OF_ALL],
      [["Foo", "Help"]],
      [["Hello", "General"], { Hello, General }, "fca026605781cb4126a1e9044df24232"],
      [["Foo", "Hello"], { Hello }, "a311262e065454b75da111d535b8dacd"],
      [["Hel.*"], { Hello, "Help.Me": HelpMe }, "83fee93c1bcd8b9a5a923ffacdc636c7"],
      [["AWS."]],
      [["..foo"]],
    ];
    for (const [MessageAttributeNames, attributes, md5] of filters) {
      const { Messages: [message] = [] } = await call("ReceiveMessage", { QueueUrl, MessageAttributeNames });
      expect(message).toMatchObject({ Body: "msg", MD5OfBody: "6e2baaf3b97dbeef01c0043275f9a0e7" });
      expect(message?.MessageAttributes).toEqual(attributes);
      expect(message?.MD5OfMessageAttributes).toBe(md5);
    }
  });

  it.each(["AttributeNames", "MessageSystemAttributeNames"])(
    "filters system attributes by %s",
    async (list) => {
      const { createQueue, call } = use();
      const QueueUrl = await createQueue("q", { VisibilityTimeout: "0" });
      const MessageAttributes = { Foo: { DataType: "String", StringValue: "Bar" } };
      await call("SendMessage", { QueueUrl, MessageBody: "msg", MessageAttributes });
      const receive = async (names: string[], MessageAttributeNames: string[] = []) =>
        (await call("ReceiveMessage", { QueueUrl, [list]: names, MessageAttributeNames })).Messages?.[0];
      const all = (count: string) => ({
        ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/),
        ApproximateReceiveCount: count,
        SenderId: expect.any(String),
        SentTimestamp: expect.stringMatching(/^\d{13}$/),
      });
      const first = await receive(["All"]);
      expect(first?.Attributes).toEqual(all("1"));
      expect(first).not.toHaveProperty("MessageAttributes");
      const second = await receive(["All"], ["All"]);
      expect(second?.Attributes).toEqual(all("2"));
      expect(second).toMatchObject({
        MD5OfMessageAttributes: "ae7155c6026991b6d54b11589678bf9c",
        MessageAttributes,
      });
      expect((await receive(["SenderId"]))?.Attributes).toEqual({ SenderId: expect.any(String) });
      expect((await receive(["SenderId", "SequenceNumber"]))?.Attributes).toEqual({
        SenderId: expect.any(String),
      });
      expect(await receive([])).not.toHaveProperty("Attributes");
    },
  );
});

describeEachWire("both lists of system attributes", (use) => {
  it("are one in the JSON protocol; in the query protocol the later has the earlier's parameters", async () => {
    const { createQueue, call, wire } = use();
    const QueueUrl = await createQueue("q", { VisibilityTimeout: "0" });
    await call("SendMessage", { QueueUrl, MessageBody: "msg" });
    const names = { MessageSystemAttributeNames: ["All"], AttributeNames: ["SenderId"] };
    const { Messages: [message] = [] } = await call("ReceiveMessage", { QueueUrl, ...names });
    expect(Object.keys(message?.Attributes ?? {})).toHaveLength(wire === "JSON" ? 4 : 1);
  });
});

describeEachWire("handles", (use) => {
  it("hide a message longer, or show it at once, for this receive only", async () => {
    const { createQueue, call, bodies, clock } = use();
    const QueueUrl = await createQueue("q", { VisibilityTimeout: "2" });
    await call("SendMessage", { QueueUrl, MessageBody: "test" });
    const { Messages: [message] = [] } = await call("ReceiveMessage", { QueueUrl });
    const hide = (VisibilityTimeout: number) =>
      call("ChangeMessageVisibility", { QueueUrl, ReceiptHandle: message?.ReceiptHandle, VisibilityTimeout });
    for (let times = 0; times < 4; times++) {
      clock.advance(1_000);
      await hide(2);
      expect(await bodies(QueueUrl)).toEqual([]);
    }
    await hide(0);
    expect(await bodies(QueueUrl)).toEqual(["test"]);
    expect(await bodies(QueueUrl)).toEqual([]);
    clock.advance(2_000);
    expect(await bodies(QueueUrl)).toEqual(["test"]);
  });

  it("of a standard queue work after their visibility timeout, to change and to delete", async () => {
    const { createQueue, call, clock } = use();
    const QueueUrl = await createQueue("q", { VisibilityTimeout: "1" });
    await call("SendMessage", { QueueUrl, MessageBody: "test" });
    const { Messages: [message] = [] } = await call("ReceiveMessage", { QueueUrl });
    const handle = { QueueUrl, ReceiptHandle: message?.ReceiptHandle };
    clock.advance(2_000);
    expect(await call("ChangeMessageVisibility", { ...handle, VisibilityTimeout: 2 })).toEqual({});
    clock.advance(2_000);
    expect(await call("DeleteMessage", handle)).toEqual({});
    expect(await call("ReceiveMessage", { QueueUrl })).toEqual({});
  });

  it("of a deleted message delete it again, but change nothing", async () => {
    const { createQueue, call, refusal } = use();
    const QueueUrl = await createQueue("q");
    await call("SendMessage", { QueueUrl, MessageBody: "foo" });
    const { Messages: [message] = [] } = await call("ReceiveMessage", { QueueUrl });
    const handle = { QueueUrl, ReceiptHandle: message?.ReceiptHandle };
    await call("ChangeMessageVisibility", { ...handle, VisibilityTimeout: 42 });
    for (let times = 0; times < 3; times++) expect(await call("DeleteMessage", handle)).toEqual({});
    expect(await refusal("ChangeMessageVisibility", { ...handle, VisibilityTimeout: 42 })).toEqual({
      code: "InvalidParameterValue",
      message: `Value ${handle.ReceiptHandle} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.`,
      status: 400,
    });
  });

  it("must be SQS's own", async () => {
    const { createQueue, refusal } = use();
    const QueueUrl = await createQueue("q");
    const garbage = { QueueUrl, ReceiptHandle: "garbage" };
    const invalid = {
      code: "ReceiptHandleIsInvalid",
      message: 'The input receipt handle "garbage" is not a valid receipt handle.',
      status: 404,
    };
    expect(await refusal("DeleteMessage", garbage)).toEqual(invalid);
    expect(await refusal("ChangeMessageVisibility", { ...garbage, VisibilityTimeout: 60 })).toEqual(invalid);
  });

  it("hide a message twelve hours at most since it was received", async () => {
    const { createQueue, call, refusal, clock } = use();
    const QueueUrl = await createQueue("q");
    await call("SendMessage", { QueueUrl, MessageBody: "foo" });
    const { Messages: [message] = [] } = await call("ReceiveMessage", { QueueUrl });
    const handle = { QueueUrl, ReceiptHandle: message?.ReceiptHandle };
    clock.advance(10_000);
    expect(await refusal("ChangeMessageVisibility", { ...handle, VisibilityTimeout: 43_200 })).toEqual(
      invalidValue(
        43_200,
        "VisibilityTimeout",
        "Total VisibilityTimeout for the message is beyond the limit [43200 seconds].",
      ),
    );
    await call("ChangeMessageVisibility", { ...handle, VisibilityTimeout: 43_190 });
    expect(await refusal("ChangeMessageVisibility", { ...handle, VisibilityTimeout: 43_201 })).toMatchObject({
      code: "InvalidParameterValue",
    });
  });
});

describeEachWire("the end of messages", (use) => {
  it("comes with the retention period, in flight too", async () => {
    const { createQueue, call, bodies, clock } = use();
    const QueueUrl = await createQueue("q", { MessageRetentionPeriod: "60", VisibilityTimeout: "60" });
    await call("SendMessage", { QueueUrl, MessageBody: "foobar1" });
    await call("SendMessage", { QueueUrl, MessageBody: "foobar2" });
    clock.advance(5_000);
    const { Messages: [message] = [] } = await call("ReceiveMessage", { QueueUrl });
    clock.advance(55_000);
    expect(await bodies(QueueUrl)).toEqual([]);
    clock.advance(60_000);
    expect(await bodies(QueueUrl)).toEqual([]);
    await call("DeleteMessage", { QueueUrl, ReceiptHandle: message?.ReceiptHandle });
  });

  it("comes with a purge: waiting, delayed and in flight", async () => {
    const { createQueue, call, bodies, clock } = use();
    const QueueUrl = await createQueue("q");
    for (const MessageBody of ["1", "2"]) await call("SendMessage", { QueueUrl, MessageBody });
    await call("SendMessage", { QueueUrl, MessageBody: "3", DelaySeconds: 2 });
    await call("ReceiveMessage", { QueueUrl, VisibilityTimeout: 3 });
    expect(await call("PurgeQueue", { QueueUrl })).toEqual({});
    clock.advance(3_000);
    expect(await bodies(QueueUrl)).toEqual([]);
    await call("SendMessage", { QueueUrl, MessageBody: "4" });
    expect(await bodies(QueueUrl)).toEqual(["4"]);
  });

  it("may be purged once a minute", async () => {
    const { createQueue, call, refusal, clock } = use();
    const QueueUrl = await createQueue("q");
    await call("PurgeQueue", { QueueUrl });
    expect(await refusal("PurgeQueue", { QueueUrl })).toEqual({
      code: "AWS.SimpleQueueService.PurgeQueueInProgress",
      message: "Only one PurgeQueue operation on q is allowed every 60 seconds.",
      status: 403,
    });
    clock.advance(60_000);
    await call("PurgeQueue", { QueueUrl });
  });

  it("takes what a FIFO queue knows of duplicates with it", async () => {
    const { createQueue, call, bodies } = use();
    const QueueUrl = await createQueue("q.fifo");
    const ids = { MessageGroupId: "g", MessageDeduplicationId: "d" };
    await call("SendMessage", { QueueUrl, MessageBody: "message-1", ...ids });
    await call("PurgeQueue", { QueueUrl });
    await call("SendMessage", { QueueUrl, MessageBody: "message-2", ...ids });
    expect(await bodies(QueueUrl)).toEqual(["message-2"]);
  });
});
