import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startTestServer, type TestServer } from "./testing/start-test-server.js";

describe.each(["JSON", "query"] as const)("a queue over the %s protocol", (wire) => {
  let server: TestServer;
  beforeEach(async () => {
    server = await startTestServer(wire);
  });
  afterEach(() => server.close());

  it("gives a message to one receiver until it is deleted", async () => {
    const QueueUrl = await server.createQueue("emails");
    expect(QueueUrl).toBe(`${server.endpoint}/000000000000/emails`);
    const sent = await server.call("SendMessage", { QueueUrl, MessageBody: "message" });
    expect(sent).toMatchObject({ MD5OfMessageBody: "78e731027d8fd50ed642340b7c9a63b3" });
    const { Messages: [message] = [] } = await server.call("ReceiveMessage", { QueueUrl });
    expect(message).toEqual({
      MessageId: sent.MessageId,
      ReceiptHandle: expect.any(String),
      Body: "message",
      MD5OfBody: "78e731027d8fd50ed642340b7c9a63b3",
    });
    expect(await server.call("ReceiveMessage", { QueueUrl })).toEqual({});
    await server.call("DeleteMessage", { QueueUrl, ReceiptHandle: message?.ReceiptHandle });
    server.clock.advance(31_000);
    expect(await server.call("ReceiveMessage", { QueueUrl })).toEqual({});
  });
});
