import { expect, it } from "vitest";
import { describeEachWire } from "./each-wire.js";

const MIB = 1_048_576;
const ATTRIBUTE = { k: { DataType: "String", StringValue: "x" } };
/** Name, type and value of the attribute above count towards a message's size. */
const ATTRIBUTE_BYTES = "k".length + "String".length + "x".length;
const TRACE = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";

const tooLong = (bytes: number) => ({
  code: "InvalidParameterValue",
  message: `One or more parameters are invalid. Reason: Message must be shorter than ${bytes} bytes.`,
  status: 400,
});

describeEachWire("sending a message", (use) => {
  it("needs a body", async () => {
    const { createQueue, refusal } = use();
    const QueueUrl = await createQueue("q");
    expect(await refusal("SendMessage", { QueueUrl, MessageBody: "" })).toEqual({
      code: "MissingParameter",
      message: "The request must contain the parameter MessageBody.",
      status: 400,
    });
  });

  it("takes 1 MiB of body and attributes, and not a byte more", async () => {
    const { createQueue, call, refusal } = use();
    const QueueUrl = await createQueue("q");
    const message = (bytes: number) => ({
      QueueUrl,
      MessageBody: "a".repeat(bytes - ATTRIBUTE_BYTES),
      MessageAttributes: ATTRIBUTE,
    });
    await call("SendMessage", message(MIB));
    expect(await refusal("SendMessage", message(MIB + 1))).toEqual(tooLong(MIB));
    expect(await refusal("SendMessage", { QueueUrl, MessageBody: "é".repeat(MIB / 2 + 1) })).toEqual(
      tooLong(MIB),
    );
  });

  it("takes as much as the queue says", async () => {
    const { createQueue, call, refusal } = use();
    const QueueUrl = await createQueue("q");
    await call("SetQueueAttributes", { QueueUrl, Attributes: { MaximumMessageSize: "1024" } });
    await call("SendMessage", { QueueUrl, MessageBody: "a".repeat(1024) });
    const MessageBody = "a".repeat(1024 - ATTRIBUTE_BYTES + 1);
    const message = { QueueUrl, MessageBody, MessageAttributes: ATTRIBUTE };
    expect(await refusal("SendMessage", message)).toEqual(tooLong(1024));
  });

  it("keeps every character that SQS allows, line ends too", async () => {
    const { createQueue, call, bodies } = use();
    const QueueUrl = await createQueue("q");
    const texts = [
      '"&quot;&quot;\r',
      '{\r\n"machineID" : "d357006e26ff47439e1ef894225d4307"}',
      '{"foo": "ba\rr", "foo2": "ba&quot;r&quot;"}',
      " \t\n<b>]]>&amp;</b> ",
      "\u{20}\u{d7ff}\u{e000}\u{fffd}\u{10000}\u{10ffff}",
    ];
    for (const MessageBody of texts) {
      await call("SendMessage", { QueueUrl, MessageBody });
      expect(await bodies(QueueUrl)).toEqual([MessageBody]);
    }
  });

  it.each(["\u0000", "\b", "\u0013", "\u000b", "\u001f", "\ufffe", "\uffff"])(
    "refuses the character %j",
    async (character) => {
      const { createQueue, refusal } = use();
      const QueueUrl = await createQueue("q");
      expect(await refusal("SendMessage", { QueueUrl, MessageBody: `Invalid-${character}-` })).toEqual({
        code: "InvalidMessageContents",
        message:
          "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF",
        status: 400,
      });
    },
  );

  it("delays a message as asked, and else as the queue says", async () => {
    const { createQueue, call, bodies, refusal, clock } = use();
    const QueueUrl = await createQueue("q", { DelaySeconds: "5" });
    await call("SendMessage", { QueueUrl, MessageBody: "10", DelaySeconds: 10 });
    await call("SendMessage", { QueueUrl, MessageBody: "5" });
    await call("SendMessage", { QueueUrl, MessageBody: "0", DelaySeconds: 0 });
    expect(await bodies(QueueUrl)).toEqual(["0"]);
    clock.advance(5_000);
    expect(await bodies(QueueUrl)).toEqual(["5"]);
    clock.advance(5_000);
    expect(await bodies(QueueUrl)).toEqual(["10"]);
    for (const DelaySeconds of [-1, 901]) {
      expect(await refusal("SendMessage", { QueueUrl, MessageBody: "x", DelaySeconds })).toEqual({
        code: "InvalidParameterValue",
        message: `Value ${DelaySeconds} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.`,
        status: 400,
      });
    }
  });

  it("marks a standard queue's message with a group, without order or sequence number", async () => {
    const { createQueue, call } = use();
    const QueueUrl = await createQueue("q");
    const sent = await call("SendMessage", { QueueUrl, MessageBody: "message", MessageGroupId: "test" });
    expect(sent).toEqual({
      MD5OfMessageBody: "78e731027d8fd50ed642340b7c9a63b3",
      MessageId: expect.stringMatching(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/),
    });
    const { Messages } = await call("ReceiveMessage", { QueueUrl, AttributeNames: ["All"] });
    expect(Messages?.[0]?.Attributes).toEqual({
      ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/),
      ApproximateReceiveCount: "1",
      MessageGroupId: "test",
      SenderId: expect.any(String),
      SentTimestamp: expect.stringMatching(/^\d{13}$/),
    });
  });

  it.each(["", "a".repeat(129), "group 123"])("refuses the group or deduplication id %j", async (id) => {
    const { createQueue, refusal } = use();
    const invalid = (name: string) => ({
      code: "InvalidParameterValue",
      message: `Value ${id} for parameter ${name} is invalid. Reason: ${name} can only include alphanumeric and punctuation characters. 1 to 128 in length.`,
      status: 400,
    });
    const standard = { QueueUrl: await createQueue("q"), MessageBody: "message", MessageGroupId: id };
    expect(await refusal("SendMessage", standard)).toEqual(invalid("MessageGroupId"));
    const fifo = {
      QueueUrl: await createQueue("q.fifo"),
      MessageBody: "Hello World!",
      MessageGroupId: "test",
    };
    expect(await refusal("SendMessage", { ...fifo, MessageDeduplicationId: id })).toEqual(
      invalid("MessageDeduplicationId"),
    );
  });

  it("takes ids of 128 characters, punctuation too", async () => {
    const { createQueue, call } = use();
    const QueueUrl = await createQueue("q.fifo");
    for (const id of ["a".repeat(128), "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"]) {
      await call("SendMessage", {
        QueueUrl,
        MessageBody: "x",
        MessageGroupId: id,
        MessageDeduplicationId: id,
      });
    }
  });

  it("refuses a deduplication id on a standard queue", async () => {
    const { createQueue, refusal } = use();
    const message = { QueueUrl: await createQueue("q"), MessageBody: "x", MessageDeduplicationId: "d" };
    expect(await refusal("SendMessage", message)).toMatchObject({ code: "InvalidParameterValue" });
  });
});

describeEachWire("message attributes", (use) => {
  it("come back as they were sent, with the checksum AWS makes of them", async () => {
    const { createQueue, call } = use();
    const QueueUrl = await createQueue("q");
    const MessageAttributes = {
      attr1: { DataType: "String", StringValue: "test1" },
      "attr.1øßä": { DataType: "String.custom", StringValue: "Valida" },
      timestamp: { DataType: "Number", StringValue: "1614717034367" },
      bytes: { DataType: "Binary.gif", BinaryValue: new Uint8Array([0, 255, 128, 13, 10]) },
    };
    const sent = await call("SendMessage", { QueueUrl, MessageBody: "test", MessageAttributes });
    for (let times = 0; times < 2; times++) {
      const input = { QueueUrl, MessageAttributeNames: ["All"], VisibilityTimeout: 0 };
      const { Messages: [message] = [] } = await call("ReceiveMessage", input);
      expect(message?.MessageAttributes).toEqual(MessageAttributes);
      expect(message?.MD5OfMessageAttributes).toBe(sent.MD5OfMessageAttributes);
    }
  });

  it("of bytes have the recorded checksum", async () => {
    const { createQueue, call } = use();
    const QueueUrl = await createQueue("q");
    const BinaryValue = Buffer.from("traceparent\x1e00-774062d6c37081a5a0b9b5b88e30627c-2d2482211f6489da-01");
    const MessageAttributes = { attr1: { DataType: "Binary", BinaryValue } };
    await call("SendMessage", { QueueUrl, MessageBody: "test", MessageAttributes });
    const { Messages: [message] = [] } = await call("ReceiveMessage", {
      QueueUrl,
      MessageAttributeNames: ["All"],
    });
    expect(message).toMatchObject({ MD5OfMessageAttributes: "8cbe4db156db8a94db8b801b7addb984" });
    expect(Buffer.from(message?.MessageAttributes?.attr1?.BinaryValue ?? [])).toEqual(BinaryValue);
  });

  it("may not be empty", async () => {
    const { createQueue, refusal } = use();
    const MessageAttributes = { ErrorDetails: { DataType: "String", StringValue: "" } };
    const message = { QueueUrl: await createQueue("q"), MessageBody: "test", MessageAttributes };
    expect(await refusal("SendMessage", message)).toEqual({
      code: "InvalidParameterValue",
      message: "Message (user) attribute 'ErrorDetails' must contain a non-empty value of type 'String'.",
      status: 400,
    });
  });

  it("have names, types and values within AWS's rules", async () => {
    const { createQueue, refusal } = use();
    const QueueUrl = await createQueue("q");
    const valid = { DataType: "String", StringValue: "Valid" };
    const invalid: Record<string, unknown>[] = [
      ...["aWs.x", "AMAZON.x", ".x", "x.", "a..b", "a!", 'a"', "a§", "a(", "a?", "L".repeat(257)].map(
        (name) => ({
          [name]: valid,
        }),
      ),
      { a: { DataType: "Invalid", StringValue: "Valid" } },
      { a: { DataType: "Strings", StringValue: "Valid" } },
      { a: { DataType: `Number.${"L".repeat(256)}`, StringValue: "1" } },
      { a: { DataType: "Number", StringValue: "one" } },
      { a: { DataType: "String", StringValue: "Invalid-\b,\u000b" } },
      Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`a${index}`, valid])),
    ];
    for (const MessageAttributes of invalid) {
      expect(
        await refusal("SendMessage", { QueueUrl, MessageBody: "test", MessageAttributes }),
      ).toMatchObject({
        code: "InvalidParameterValue",
        status: 400,
      });
    }
  });

  it("of the system have a checksum of their own, and no effect on the other", async () => {
    const { createQueue, call, refusal } = use();
    const QueueUrl = await createQueue("q");
    const message = {
      QueueUrl,
      MessageBody: "test",
      MessageAttributes: { timestamp: { DataType: "Number", StringValue: "1493147359900" } },
    };
    const AWSTraceHeader = { DataType: "String", StringValue: TRACE };
    const plain = await call("SendMessage", message);
    const traced = await call("SendMessage", { ...message, MessageSystemAttributes: { AWSTraceHeader } });
    expect(plain).not.toHaveProperty("MD5OfMessageSystemAttributes");
    expect(plain.MD5OfMessageAttributes).toBe("235c5c510d26fb653d073faed50ae77c");
    expect(traced.MD5OfMessageAttributes).toBe("235c5c510d26fb653d073faed50ae77c");
    expect(traced.MD5OfMessageSystemAttributes).toBe("5ae4d5d7636402d80f4eb6d213245a88");
    const other = { ...message, MessageSystemAttributes: { Other: AWSTraceHeader } };
    expect(await refusal("SendMessage", other)).toMatchObject({ code: "InvalidParameterValue" });
  });
});
