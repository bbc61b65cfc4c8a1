import { describe, expect, it } from "vitest";
import { assertQueueName, queueNameFromArn, queueNameFromPath, queueNameFromUrl } from "./queue-names.js";
import { SqsError } from "./sqs-error.js";

describe("queueNameFromUrl", () => {
  it.each([
    ["http://localhost:9324/000000000000/emails", "emails"],
    ["http://127.0.0.1:9324/000000000000/emails.fifo", "emails.fifo"],
    ["https://sqs.eu-west-1.amazonaws.com/123456789012/emails", "emails"],
    ["http://localhost:4566/queue/eu-west-1/000000000000/emails/", "emails"],
    ["/000000000000/emails", "emails"],
    ["emails", "emails"],
  ])("takes %s for the queue %s", (url, name) => {
    expect(queueNameFromUrl(url)).toBe(name);
  });

  it.each(["http://localhost:9324/", "http://localhost:9324/emails", "http://localhost/1/2/3/emails?x"])(
    "refuses %s",
    (url) => {
      expect(() => queueNameFromUrl(url)).toThrow(`The address ${url} is not valid for this endpoint.`);
    },
  );
});

describe("queueNameFromPath", () => {
  it("knows a queue's path from the others", () => {
    expect(queueNameFromPath("/000000000000/emails")).toBe("emails");
    expect(queueNameFromPath("/")).toBeUndefined();
    expect(queueNameFromPath("/favicon.ico")).toBeUndefined();
  });
});

describe("queueNameFromArn", () => {
  it("takes only SQS's ARNs", () => {
    expect(queueNameFromArn("arn:aws:sqs:us-east-1:000000000000:emails.fifo")).toBe("emails.fifo");
    expect(queueNameFromArn("arn:aws:sns:us-east-1:000000000000:emails")).toBeUndefined();
    expect(queueNameFromArn("dummy")).toBeUndefined();
  });
});

describe("assertQueueName", () => {
  it("takes up to 80 characters, `.fifo` included", () => {
    expect(() => assertQueueName("a".repeat(80), false)).not.toThrow();
    expect(() => assertQueueName("a".repeat(81), false)).toThrow(SqsError);
    expect(() => assertQueueName(`${"a".repeat(75)}.fifo`, true)).not.toThrow();
    expect(() => assertQueueName(`${"a".repeat(76)}.fifo`, true)).toThrow(SqsError);
  });

  it.each(["", "a b", "a/b", "a.b", "é", "a\n", ".fifo"])("refuses %j", (name) => {
    expect(() => assertQueueName(name, false)).toThrow("Can only include alphanumeric characters");
  });

  it("wants the suffix on FIFO queues, and on no others", () => {
    expect(() => assertQueueName("orders", true)).toThrow("must end with .fifo suffix");
    expect(() => assertQueueName("orders.fifo", false)).toThrow(SqsError);
  });
});
