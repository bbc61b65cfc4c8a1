import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startTestServer, type TestServer } from "./testing/start-test-server.js";

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

describe("the JSON protocol on the wire", () => {
  let server: TestServer;
  let QueueUrl: string;
  beforeEach(async () => {
    server = await startTestServer();
    QueueUrl = await server.createQueue("q");
  });
  afterEach(() => server.close());

  async function post(action: string, body: unknown, { path = "/", headers = {} } = {}) {
    const response = await fetch(`${server.endpoint}${path}`, {
      method: "POST",
      body: typeof body === "string" ? body : JSON.stringify(body),
      headers: {
        "Content-Type": "application/x-amz-json-1.0",
        "X-Amz-Target": `AmazonSQS.${action}`,
        ...headers,
      },
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, json: () => JSON.parse(text) };
  }

  it("answers with its content type, length and a request id", async () => {
    const { status, headers, text } = await post("SendMessage", { QueueUrl, MessageBody: "žluťoučký" });
    expect(status).toBe(200);
    expect(headers.get("content-type")).toBe("application/x-amz-json-1.0");
    expect(headers.get("content-length")).toBe(String(Buffer.byteLength(text)));
    expect(headers.get("x-amzn-requestid")).toMatch(UUID);
    expect(headers.get("x-amzn-query-error")).toBeNull();
  });

  it("answers actions that have nothing to say with an empty structure", async () => {
    expect((await post("TagQueue", { QueueUrl, Tags: { a: "b" } })).text).toBe("{}");
    expect((await post("ReceiveMessage", { QueueUrl })).text).toBe("{}");
    expect((await post("ListQueues", "")).json()).toEqual({ QueueUrls: [QueueUrl] });
  });

  it("answers at a queue's own address too", async () => {
    const sent = await post("SendMessage", { QueueUrl, MessageBody: "x" }, { path: "/000000000000/q" });
    expect(sent.json()).toMatchObject({ MessageId: expect.stringMatching(UUID) });
  });

  it("writes errors of SQS's model with their type, and the query protocol's code in a header", async () => {
    const { status, headers, json } = await post("GetQueueUrl", { QueueName: "none" });
    expect(status).toBe(400);
    expect(headers.get("x-amzn-query-error")).toBe("AWS.SimpleQueueService.NonExistentQueue;Sender");
    expect(headers.get("x-amzn-requestid")).toMatch(UUID);
    expect(json()).toEqual({
      __type: "com.amazonaws.sqs#QueueDoesNotExist",
      message: "The specified queue does not exist.",
    });
  });

  it.each([
    [
      "ReceiveMessage",
      { MaxNumberOfMessages: 11 },
      "InvalidParameterValueException",
      "InvalidParameterValue",
    ],
    ["SendMessage", {}, "MissingRequiredParameterException", "MissingParameter"],
  ])("writes the other errors of %s in the framework's name", async (action, input, type, code) => {
    const { headers, json } = await post(action, { QueueUrl, ...input });
    expect(headers.get("x-amzn-query-error")).toBe(`${code};Sender`);
    expect(json()).toMatchObject({ __type: `com.amazon.coral.service#${type}`, message: expect.any(String) });
  });

  it.each(["", "Fly", "toString", "__proto__"])("knows no action %j", async (action) => {
    const { status, json } = await post(action, {});
    expect(status).toBe(400);
    expect(json()).toMatchObject({ __type: "com.amazon.coral.service#UnknownOperationException" });
  });

  it.each([
    ["{", "no JSON"],
    ["[]", "a list"],
    ['"text"', "a text"],
    ["null", "null"],
    ['{"QueueName": 1}', "a number for a text"],
    ['{"QueueName": "q", "Attributes": []}', "a list for a map"],
    ['{"QueueName": "q", "Attributes": {"DelaySeconds": 1}}', "a number in a map of texts"],
    ['{"QueueName": "q", "tags": "a"}', "a text for a map"],
  ])("refuses the body %s: %s", async (body) => {
    const { status, json } = await post("CreateQueue", body);
    expect(status).toBe(400);
    expect(json()).toMatchObject({ __type: "com.amazon.coral.service#SerializationException" });
  });

  it.each([
    ["DelaySeconds", "5"],
    ["DelaySeconds", 1.5],
    ["DelaySeconds", true],
    ["MessageBody", { a: 1 }],
    ["MessageAttributes", "a"],
    ["MessageGroupId", []],
  ])("refuses another type of %s: %j", async (member, value) => {
    const { status, json } = await post("SendMessage", { QueueUrl, MessageBody: "x", [member]: value });
    expect(status).toBe(400);
    expect(json()).toMatchObject({ __type: "com.amazon.coral.service#SerializationException" });
  });

  it("takes null for a member that is left out", async () => {
    const sent = await post("SendMessage", {
      QueueUrl,
      MessageBody: "x",
      DelaySeconds: null,
      MessageAttributes: null,
    });
    expect(sent.status).toBe(200);
  });

  it("needs a queue, and knows an address that cannot be one", async () => {
    expect((await post("PurgeQueue", {})).json()).toEqual({
      __type: "com.amazon.coral.service#MissingRequiredParameterException",
      message: "The request must contain the parameter QueueUrl.",
    });
    const { status, json } = await post("PurgeQueue", { QueueUrl: "http://localhost/" });
    expect(status).toBe(404);
    expect(json()).toMatchObject({ __type: "com.amazonaws.sqs#InvalidAddress" });
  });

  it("refuses half a surrogate pair", async () => {
    const { json } = await post("SendMessage", `{"QueueUrl": "q", "MessageBody": "\\ud83d"}`);
    expect(json()).toMatchObject({ __type: "com.amazonaws.sqs#InvalidMessageContents" });
  });

  it("makes the request's trace the message's", async () => {
    const trace = "Root=1-3152b799-8954dae64eda91bc9a23a7e8;Parent=7fa8c0f79203be72;Sampled=1";
    await post("SendMessage", { QueueUrl, MessageBody: "test" }, { headers: { "X-Amzn-Trace-Id": trace } });
    const { json } = await post("ReceiveMessage", { QueueUrl, AttributeNames: ["AWSTraceHeader"] });
    expect(json().Messages).toMatchObject([{ Attributes: { AWSTraceHeader: trace } }]);
  });

  it("gives queue URLs on the host that was asked", async () => {
    for (const host of ["localhost", "[::1]"]) {
      const response = await fetch(`http://${host}:${server.port}/`, {
        method: "POST",
        body: '{"QueueName": "q"}',
        headers: { "X-Amz-Target": "AmazonSQS.GetQueueUrl" },
      }).catch((error: Error) => error);
      // A machine without IPv6 has no such address.
      if (response instanceof Error) expect(host).toBe("[::1]");
      else
        expect(await response.json()).toEqual({ QueueUrl: `http://${host}:${server.port}/000000000000/q` });
    }
  });

  it("reads a message of 1 MiB however it is escaped, and no endless body", async () => {
    const escaped = `{"QueueUrl": "q", "MessageBody": "${"\\u0041".repeat(1_048_576)}"}`;
    expect((await post("SendMessage", escaped)).status).toBe(200);
    const { status, json } = await post("SendMessage", " ".repeat(9 * 1_048_576));
    expect(status).toBe(413);
    expect(json()).toMatchObject({ __type: "com.amazon.coral.service#RequestEntityTooLargeException" });
  });
});
