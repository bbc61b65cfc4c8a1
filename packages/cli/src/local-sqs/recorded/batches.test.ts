import { expect, it } from "vitest";
import { describeEachWire } from "./each-wire.js";

const MIB = 1_048_576;
const ATTRIBUTE = { k: { DataType: "String", StringValue: "x" } };
const ATTRIBUTE_BYTES = 8;
const INVALID_ID = {
  code: "AWS.SimpleQueueService.InvalidBatchEntryId",
  message:
    "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.",
  status: 400,
};
const TOO_MANY = {
  code: "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
  message: "Maximum number of entries per request are 10. You have sent 20.",
  status: 400,
};
const ENTRY_OF: Record<string, object> = {
  SendMessageBatch: { MessageBody: "body" },
  DeleteMessageBatch: { ReceiptHandle: "testHandle1" },
  ChangeMessageVisibilityBatch: { ReceiptHandle: "testHandle1", VisibilityTimeout: 123 },
};

describeEachWire("batches", (use) => {
  it("send, hide and delete up to ten messages", async () => {
    const { createQueue, call, clock } = use();
    const QueueUrl = await createQueue("q");
    const Entries = Array.from({ length: 10 }, (_, index) => ({
      Id: `m-${index}`,
      MessageBody: `body-${index}`,
    }));
    const sent = await call("SendMessageBatch", { QueueUrl, Entries });
    expect(Object.keys(sent)).toEqual(["Successful"]);
    expect(sent.Successful?.map(({ Id }) => Id)).toEqual(Entries.map(({ Id }) => Id));
    const { Messages = [] } = await call("ReceiveMessage", { QueueUrl, MaxNumberOfMessages: 10 });
    expect(Messages.map(({ MessageId }) => MessageId)).toEqual(
      sent.Successful?.map(({ MessageId }) => MessageId),
    );
    const handles = Messages.map(({ MessageId, ReceiptHandle }) => ({ Id: MessageId, ReceiptHandle }));
    const hidden = handles.map((entry) => ({ ...entry, VisibilityTimeout: 60 }));
    expect(await call("ChangeMessageVisibilityBatch", { QueueUrl, Entries: hidden })).toEqual({
      Successful: handles.map(({ Id }) => ({ Id })),
    });
    clock.advance(59_000);
    expect(await call("ReceiveMessage", { QueueUrl })).toEqual({});
    expect(await call("DeleteMessageBatch", { QueueUrl, Entries: handles })).toEqual({
      Successful: handles.map(({ Id }) => ({ Id })),
    });
    clock.advance(60_000);
    expect(await call("ReceiveMessage", { QueueUrl })).toEqual({});
  });

  it.each(Object.keys(ENTRY_OF))(
    "%s needs one to ten entries with good and different ids",
    async (action) => {
      const { createQueue, refusal } = use();
      const QueueUrl = await createQueue("q");
      const entry = (Id: string) => ({ Id, ...ENTRY_OF[action] });
      const refusalOf = (...ids: string[]) => refusal(action, { QueueUrl, Entries: ids.map(entry) });
      expect(await refusalOf()).toMatchObject({
        code: "AWS.SimpleQueueService.EmptyBatchRequest",
        status: 400,
      });
      expect(await refusalOf(...Array.from({ length: 20 }, (_, index) => String(index)))).toEqual(TOO_MANY);
      for (const id of ["", "testLongId".repeat(10), "invalid:id", "é"]) {
        expect(await refusalOf(id)).toEqual(INVALID_ID);
      }
      expect(await refusalOf("a", "b", "a")).toEqual({
        code: "AWS.SimpleQueueService.BatchEntryIdsNotDistinct",
        message: "Id a repeated.",
        status: 400,
      });
    },
  );

  it("are 1 MiB at most together, whatever the queue's own limit", async () => {
    const { createQueue, refusal } = use();
    const QueueUrl = await createQueue("q");
    const Entries = [
      { Id: "1", MessageBody: "a".repeat(MIB - ATTRIBUTE_BYTES), MessageAttributes: ATTRIBUTE },
      { Id: "2", MessageBody: "a" },
    ];
    expect(await refusal("SendMessageBatch", { QueueUrl, Entries })).toEqual({
      code: "AWS.SimpleQueueService.BatchRequestTooLong",
      message: "Batch requests cannot be longer than 1048576 bytes. You have sent 1048577 bytes.",
      status: 400,
    });
  });

  it("may be longer than one message of the queue may be", async () => {
    const { createQueue, call } = use();
    const QueueUrl = await createQueue("q");
    await call("SetQueueAttributes", { QueueUrl, Attributes: { MaximumMessageSize: "2048" } });
    const Entries = [
      { Id: "1", MessageBody: "a".repeat(2048 - ATTRIBUTE_BYTES), MessageAttributes: ATTRIBUTE },
      { Id: "2", MessageBody: "a" },
    ];
    expect(await call("SendMessageBatch", { QueueUrl, Entries })).toEqual({
      Successful: [
        {
          Id: "1",
          MessageId: expect.any(String),
          MD5OfMessageBody: "f44facf5a7ee0af446ecf3e0f854441e",
          MD5OfMessageAttributes: "a45daa70926828a2f0a1db3418e6feb4",
        },
        { Id: "2", MessageId: expect.any(String), MD5OfMessageBody: "0cc175b9c0f1b6a831c399e269772661" },
      ],
    });
  });

  it("fail the entry that is too long by itself", async () => {
    const { createQueue, call } = use();
    const QueueUrl = await createQueue("q", { MaximumMessageSize: "1024" });
    const Entries = [
      { Id: "fits", MessageBody: "a".repeat(1024) },
      { Id: "too-long", MessageBody: "a".repeat(1025) },
    ];
    expect(await call("SendMessageBatch", { QueueUrl, Entries })).toEqual({
      Successful: [
        { Id: "fits", MessageId: expect.any(String), MD5OfMessageBody: "c9a34cfc85d982698c6ac89f76071abd" },
      ],
      Failed: [
        {
          Id: "too-long",
          SenderFault: true,
          Code: "InvalidParameterValue",
          Message:
            "One or more parameters cannot be validated. Reason: Message must be shorter than 1024 bytes.",
        },
      ],
    });
  });

  it("fail the entry with characters that SQS refuses, and send the others", async () => {
    const { createQueue, call, bodies } = use();
    const QueueUrl = await createQueue("q");
    const Entries = Array.from({ length: 9 }, (_, index) => ({ Id: `${index}`, MessageBody: `${index}` }));
    const bad = { Id: "9", MessageBody: "\u0001" };
    const { Failed, Successful } = await call("SendMessageBatch", { QueueUrl, Entries: [...Entries, bad] });
    expect(Failed).toMatchObject([{ Id: "9", Code: "InvalidMessageContents", SenderFault: true }]);
    expect(Successful).toHaveLength(9);
    expect(await bodies(QueueUrl)).toEqual(Entries.map(({ MessageBody }) => MessageBody));
  });

  it("fail entries whose handles are none, and do the others", async () => {
    const { createQueue, call } = use();
    const QueueUrl = await createQueue("q");
    await call("SendMessage", { QueueUrl, MessageBody: "x" });
    const { Messages: [message] = [] } = await call("ReceiveMessage", { QueueUrl });
    const Entries = [
      { Id: "bad", ReceiptHandle: "garbage" },
      { Id: "good", ReceiptHandle: message?.ReceiptHandle },
    ];
    for (const action of ["ChangeMessageVisibilityBatch", "DeleteMessageBatch"]) {
      expect(await call(action, { QueueUrl, Entries })).toEqual({
        Successful: [{ Id: "good" }],
        Failed: [
          {
            Id: "bad",
            SenderFault: true,
            Code: "ReceiptHandleIsInvalid",
            Message: 'The input receipt handle "garbage" is not a valid receipt handle.',
          },
        ],
      });
    }
  });

  it("are refused whole for what one message of a FIFO queue lacks", async () => {
    const { createQueue, refusal, bodies } = use();
    const invalid = (message: string) => ({ code: "InvalidParameterValue", message, status: 400 });
    const QueueUrl = await createQueue("q.fifo");
    const good = { Id: "1", MessageBody: "x", MessageGroupId: "g", MessageDeduplicationId: "d" };
    const { MessageDeduplicationId, ...undeduplicated } = { ...good, Id: "2" };
    expect(await refusal("SendMessageBatch", { QueueUrl, Entries: [good, undeduplicated] })).toEqual(
      invalid(
        "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
      ),
    );
    const { MessageGroupId, ...ungrouped } = { ...good, Id: "2" };
    expect(await refusal("SendMessageBatch", { QueueUrl, Entries: [good, ungrouped] })).toEqual(
      invalid("The request must contain the parameter MessageGroupId."),
    );
    expect(await bodies(QueueUrl)).toEqual([]);
  });
});
