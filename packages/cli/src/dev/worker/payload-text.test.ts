import { expect, test } from "vitest";
import type { MessageAttribute } from "../../local-sqs/broker/broker.js";
import { parsePayload, payloadText } from "./payload-text.js";
import type { InvocationPayload } from "./protocol.js";

const deliveryOf = (attributes: Record<string, MessageAttribute>): InvocationPayload => ({
  kind: "queue",
  delivery: {
    requestId: "request",
    queueArn: "arn:aws:sqs:us-east-1:000000000000:mail",
    region: "us-east-1",
    messages: [
      {
        messageId: "a",
        receiptHandle: "b",
        body: 'line\u2028 "quoted" ✓',
        attributes,
        traceHeader: null,
        sentAtMs: 1,
        firstReceivedAtMs: 2,
        receiveCount: 1,
        messageGroupId: null,
        messageDeduplicationId: null,
        sequenceNumber: null,
        deadLetterSourceArn: null,
      },
    ],
  },
});

test("a delivery is read as it was written, bytes of any kind of view too", () => {
  const bytes = Buffer.from([0, 255, 128, 10]);
  const payload = deliveryOf({
    text: { dataType: "String", stringValue: '{"base64":"AA=="}' },
    bytes: { dataType: "Binary", binaryValue: bytes.subarray(1, 3) },
    own: { dataType: "Binary.own", binaryValue: new Uint8Array(bytes) },
  });
  const read = parsePayload(payloadText(payload));
  expect(read).toEqual(
    deliveryOf({
      text: { dataType: "String", stringValue: '{"base64":"AA=="}' },
      bytes: { dataType: "Binary", binaryValue: Buffer.from([255, 128]) },
      own: { dataType: "Binary.own", binaryValue: bytes },
    }),
  );
});

test("an attribute may be named __proto__", () => {
  const attributes: Record<string, MessageAttribute> = Object.create(null);
  const name = "__proto__";
  attributes[name] = { dataType: "String", stringValue: "kept" };
  attributes.bytes = { dataType: "Binary", binaryValue: Buffer.from("x") };
  const read = parsePayload(payloadText(deliveryOf(attributes)));
  const [message] = read.kind === "queue" ? read.delivery.messages : [];
  expect(Object.keys(message?.attributes ?? {})).toEqual(["__proto__", "bytes"]);
});
