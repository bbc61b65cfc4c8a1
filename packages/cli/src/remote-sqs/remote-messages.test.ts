import type { SQSClient } from "@aws-sdk/client-sqs";
import { expect, test } from "vitest";
import { remoteMessages } from "./remote-messages.js";

type Call = { operation: string; input: Record<string, unknown> };
type Entry = { Id: string; ReceiptHandle: string };

/** A client whose calls are answered by a function of the test's. */
function asking(answer: (call: Call) => unknown) {
  const calls: Call[] = [];
  const client = {
    async send(command: { constructor: { name: string }; input: Record<string, unknown> }) {
      const call = { operation: command.constructor.name.replace(/Command$/, ""), input: command.input };
      calls.push(call);
      return answer(call);
    },
  } as unknown as SQSClient;
  const messages = remoteMessages({
    client,
    queueUrl: () => "https://sqs.example/1/q",
    queueArn: "arn:aws:sqs:us-east-1:1:q",
    region: "us-east-1",
    visibilityTimeoutSeconds: 30,
  });
  return { messages, calls };
}

const handles = (count: number) => Array.from({ length: count }, (_, index) => `h${index}`);
const entriesOf = ({ input }: Call) => (input.Entries as Entry[]).map(({ ReceiptHandle }) => ReceiptHandle);

test("receives with long polls, all attributes, and the visibility timeout that was asked for", async () => {
  const { messages, calls } = asking(() => ({
    Messages: [
      {
        MessageId: "m",
        ReceiptHandle: "h",
        Body: "{}",
        Attributes: { ApproximateReceiveCount: "3", SentTimestamp: "5", MessageGroupId: "g" },
        MessageAttributes: { a: { DataType: "Binary", BinaryValue: new Uint8Array([1]) } },
      },
    ],
  }));
  const { messages: received } = await messages.receive(7, new AbortController().signal);
  expect(calls[0]).toMatchObject({
    operation: "ReceiveMessage",
    input: {
      MaxNumberOfMessages: 7,
      WaitTimeSeconds: 20,
      VisibilityTimeout: 30,
      MessageAttributeNames: ["All"],
    },
  });
  expect(received).toMatchObject([
    { messageId: "m", receiveCount: 3, sentAtMs: 5, messageGroupId: "g", sequenceNumber: null },
  ]);
  expect(received[0]?.attributes).toEqual({ a: { dataType: "Binary", binaryValue: new Uint8Array([1]) } });
});

test("an aborted poll finds nothing; another's error is the caller's", async () => {
  const fail = () => Promise.reject(new Error("reset"));
  await expect(asking(fail).messages.receive(1, AbortSignal.abort())).resolves.toMatchObject({
    messages: [],
  });
  await expect(asking(fail).messages.receive(1, new AbortController().signal)).rejects.toThrow("reset");
});

test("deletes ten at a time, and those again that SQS itself failed with", async () => {
  let isFirst = true;
  const { messages, calls } = asking(() => {
    if (!isFirst) return {};
    isFirst = false;
    return {
      Failed: [
        { Id: "2", SenderFault: false, Code: "InternalError" },
        { Id: "3", SenderFault: true, Code: "ReceiptHandleIsInvalid" },
      ],
    };
  });
  await messages.delete(handles(12));
  expect(calls.map(entriesOf)).toEqual([handles(10), ["h2"], ["h10", "h11"]]);
});

test("says what could not be deleted after three tries", async () => {
  const { messages, calls } = asking(() => ({
    Failed: [{ Id: "0", SenderFault: false, Code: "InternalError", Message: "later" }],
  }));
  await expect(messages.delete(["h0"])).rejects.toThrow(
    "1 messages could not be deleted: InternalError: later",
  );
  expect(calls).toHaveLength(3);
});

test("extends ten at a time, and tells which are not ours any more", async () => {
  const { messages, calls } = asking(({ input }) => ({
    Failed: (input.Entries as Entry[])
      .filter(({ ReceiptHandle }) => ReceiptHandle === "h11")
      .map(({ Id }) => ({ Id, SenderFault: true, Code: "ReceiptHandleIsInvalid" })),
  }));
  expect(await messages.extend(handles(12), 30)).toEqual(["h11"]);
  expect(calls.map((call) => [call.operation, entriesOf(call).length])).toEqual([
    ["ChangeMessageVisibilityBatch", 10],
    ["ChangeMessageVisibilityBatch", 2],
  ]);
});

test("giving back a message that has gone to another is no error", async () => {
  const outdated = Object.assign(new Error("expired"), { name: "InvalidParameterValue" });
  await asking(() => Promise.reject(outdated)).messages.returnAfter("h", 0);
  const denied = Object.assign(new Error("no"), { name: "AccessDenied" });
  await expect(asking(() => Promise.reject(denied)).messages.returnAfter("h", 0)).rejects.toThrow("no");
});
