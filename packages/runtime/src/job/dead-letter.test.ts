import { expect, test } from "vitest";
import type { SendMessageInput } from "../aws/sqs-shapes.js";
import { defaultQueueSettings } from "../config/queue-config.js";
import { describeError } from "../errors/describe-error.js";
import { SQS_MAX_MESSAGE_BYTES } from "../limits/index.js";
import { decodeEnvelope, ENVELOPE_ATTRIBUTE } from "../queue/envelope.js";
import { isMessageText } from "../queue/message-text.js";
import { toDeadLetter } from "./dead-letter.js";
import { type DeadLetterFailure, FAILURE_ATTRIBUTE } from "./dead-letter-failure.js";
import { toJobRecord } from "./job-record.js";
import { type MessageSketch, sqsRecord } from "./testing/sqs-event.js";

const url = "http://localhost:9324/000000000000/test-dlq";

function deadLetter(
  sketch: MessageSketch,
  error: unknown = new Error("no address"),
  fifo = false,
): SendMessageInput {
  const fn = { name: "test", fifo, settings: defaultQueueSettings(fifo), load: async () => ({}) };
  const record = toJobRecord(sqsRecord(sketch), fn, false);
  const failure: DeadLetterFailure = {
    jobId: record.jobId,
    queueName: "test",
    attempts: 5,
    redrives: 0,
    failedAt: "2026-11-22T08:00:00.000Z",
    codeVersion: "7",
    error: describeError(error),
  };
  return toDeadLetter(record, failure, url, fifo);
}

/** The message's size as SQS counts it. */
function sizeOf({ MessageBody, MessageAttributes = {} }: SendMessageInput): number {
  const attributes = Object.entries(MessageAttributes).map(
    ([name, { DataType, StringValue, BinaryValue }]) => {
      return (
        Buffer.byteLength(name) +
        DataType.length +
        (BinaryValue?.length ?? Buffer.byteLength(StringValue ?? ""))
      );
    },
  );
  return attributes.reduce((sum, bytes) => sum + bytes, Buffer.byteLength(MessageBody));
}

const failureOf = ({ MessageAttributes }: SendMessageInput) =>
  JSON.parse(MessageAttributes?.[FAILURE_ATTRIBUTE]?.StringValue ?? "null") as DeadLetterFailure | null;

const attribute = (stringValue: string) => ({
  stringValue,
  stringListValues: [],
  binaryListValues: [],
  dataType: "String",
});

test("a dead letter is the job itself, with its error and what was made of it", () => {
  const letter = deadLetter({
    id: "m1",
    payload: { to: "ada" },
    envelope: { job: "welcome", userId: "u1", tag: "t" },
    traceHeader: "Root=1-5759e988-bd862e3fe1be46a994272793",
  });
  expect(letter).toMatchObject({ QueueUrl: url, MessageBody: '{"to":"ada"}' });
  expect(letter.MessageSystemAttributes?.AWSTraceHeader?.StringValue).toContain("5759e988");
  expect(letter).not.toHaveProperty("MessageGroupId");
  expect(decodeEnvelope(letter.MessageAttributes?.[ENVELOPE_ATTRIBUTE]?.StringValue)).toMatchObject({
    job: "welcome",
    userId: "u1",
    tag: "t",
  });
  expect(failureOf(letter)).toMatchObject({
    jobId: "m1",
    queueName: "test",
    attempts: 5,
    redrives: 0,
    codeVersion: "7",
    error: { name: "Error", message: "no address", stack: expect.stringContaining("dead-letter.test.ts") },
  });
});

test("in a FIFO queue it keeps its group, and its id keeps it from being sent twice", () => {
  const letter = deadLetter(
    { id: "m1", group: "user-1", envelope: { jobId: "job-1" } },
    new Error("no"),
    true,
  );
  expect(letter).toMatchObject({ MessageGroupId: "user-1", MessageDeduplicationId: "job-1" });
});

test("the sender's attributes stay, binary ones too, as many as there is room for", () => {
  const attributes = Object.fromEntries(
    Array.from({ length: 9 }, (_, index) => [`a${index}`, attribute(`${index}`)]),
  );
  attributes.a0 = { binaryValue: Buffer.from([0, 255]).toString("base64"), dataType: "Binary.x" } as never;
  const letter = deadLetter({ id: "m1", attributes });
  const names = Object.keys(letter.MessageAttributes ?? {});
  expect(names).toHaveLength(10);
  expect(names).toEqual(expect.arrayContaining([ENVELOPE_ATTRIBUTE, FAILURE_ATTRIBUTE, "a0", "a7"]));
  expect(letter.MessageAttributes?.a0).toEqual({ DataType: "Binary.x", BinaryValue: Buffer.from([0, 255]) });
});

test("a message of others stays one of others", () => {
  const letter = deadLetter({ id: "m1", body: "plain", attributes: { kind: attribute("s3") } });
  expect(Object.keys(letter.MessageAttributes ?? {})).toEqual(["kind", FAILURE_ATTRIBUTE]);
});

test("an error is cut to what the message has room for, and the payload never", () => {
  const error = new Error("x".repeat(300_000));
  error.stack = `Error: ${"y".repeat(500_000)}`;
  for (const free of [0, 60, 400, 3_000, 400_000, 900_000]) {
    const body = "b".repeat(SQS_MAX_MESSAGE_BYTES - free);
    const letter = deadLetter({ id: "m1", body }, error);
    expect(letter.MessageBody).toBe(body);
    expect(sizeOf(letter)).toBeLessThanOrEqual(SQS_MAX_MESSAGE_BYTES);
    if (free >= 400) expect(failureOf(letter)).toMatchObject({ attempts: 5, error: { name: "Error" } });
  }
});

test("an error may have any text in it", () => {
  const letter = deadLetter({ id: "m1" }, new Error("\u0000 \uffff \ud800 \u001b[31mred"));
  expect(isMessageText(letter.MessageAttributes?.[FAILURE_ATTRIBUTE]?.StringValue ?? "\0")).toBe(true);
  expect(failureOf(letter)?.error.message).toBe("\u0000 \uffff \ud800 \u001b[31mred");
});

test("whatever was thrown can be described", () => {
  expect(describeError("text")).toEqual({ name: "string", message: "text", stack: null });
  expect(describeError(undefined)).toMatchObject({ name: "undefined", message: "undefined" });
  expect(describeError({ some: "object" })).toMatchObject({ message: '{"some":"object"}' });
  const loop: Error & { cause?: unknown } = new Error("loop");
  loop.cause = loop;
  expect(JSON.stringify(describeError(loop)).match(/"loop"/g)?.length).toBe(6);
  const hostile = Object.defineProperty(new Error(), "message", {
    get() {
      throw new Error("hostile");
    },
  });
  expect(describeError(hostile).message).toContain("cannot be described");
});
