import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseXml } from "./testing/parse-xml.js";
import { startTestServer, type TestServer } from "./testing/start-test-server.js";

const NAMESPACE = 'xmlns="http://queue.amazonaws.com/doc/2012-11-05/"';

describe("the query protocol on the wire", () => {
  let server: TestServer;
  let url: string;
  beforeEach(async () => {
    server = await startTestServer("query");
    url = await server.createQueue("q");
  });
  afterEach(() => server.close());

  async function get(address: string, parameters: Record<string, string> = {}, accept = "*/*") {
    const query = new URLSearchParams(parameters).toString();
    const response = await fetch(`${address}${query === "" ? "" : `?${query}`}`, {
      headers: { Accept: accept },
    });
    return {
      status: response.status,
      type: response.headers.get("content-type"),
      text: await response.text(),
    };
  }

  it("answers GET at a queue's address in XML", async () => {
    const { status, type, text } = await get(url, { Action: "GetQueueAttributes", "AttributeName.1": "All" });
    expect(status).toBe(200);
    expect(type).toBe("text/xml");
    expect(text).toContain(`<GetQueueAttributesResponse ${NAMESPACE}><GetQueueAttributesResult><Attribute>`);
    expect(text).toContain("<Attribute><Name>VisibilityTimeout</Name><Value>30</Value></Attribute>");
    expect(text).toContain("<Name>QueueArn</Name><Value>arn:aws:sqs:us-east-1:000000000000:q</Value>");
    expect(text).toMatch(/<ResponseMetadata><RequestId>[\da-f-]{36}<\/RequestId><\/ResponseMetadata>/);
  });

  it("sends and receives by GET, each queue's own messages", async () => {
    const other = await server.createQueue("other");
    await get(url, { Action: "SendMessage", MessageBody: "foobar" });
    expect((await get(other, { Action: "ReceiveMessage" })).text).toContain("<ReceiveMessageResult/>");
    const { text } = await get(url, { Action: "ReceiveMessage" });
    expect(text).toContain("<Body>foobar</Body>");
    expect(text).toContain("<MD5OfBody>3858f62230ac3c915f300c664312c63f</MD5OfBody>");
  });

  it("prefers the QueueUrl that is given to the address", async () => {
    const other = await server.createQueue("other");
    const parameters = { Action: "GetQueueAttributes", QueueUrl: other, "AttributeName.1": "QueueArn" };
    expect((await get(url, parameters)).text).toContain(":other</Value>");
  });

  it("finds any queue's address at any queue's address", async () => {
    const other = await server.createQueue("other");
    const { text } = await get(url, { Action: "GetQueueUrl", QueueName: "other" });
    expect(text).toContain(`<QueueUrl>${other}</QueueUrl>`);
  });

  it("writes errors as AWS does, with an empty detail", async () => {
    const { status, text } = await get(url, { Action: "GetQueueAttributes", "AttributeName.1": "Foobar" });
    expect(status).toBe(400);
    expect(text).toMatch(
      /^<\?xml version="1.0"\?><ErrorResponse xmlns="[^"]+"><Error><Type>Sender<\/Type><Code>InvalidAttributeName<\/Code><Message>Unknown Attribute Foobar.<\/Message><Detail\/><\/Error><RequestId>[\da-f-]{36}<\/RequestId><\/ErrorResponse>$/,
    );
  });

  it("escapes what it quotes", async () => {
    const { text } = await get(url, { Action: "DeleteMessage", ReceiptHandle: '<&"x">' });
    const message = parseXml(text).children[0]?.children.find(({ name }) => name === "Message");
    expect(message?.text).toBe('The input receipt handle "<&"x">" is not a valid receipt handle.');
  });

  it("names what is missing", async () => {
    const { status, text } = await get(url, { Action: "SendMessage" });
    expect(status).toBe(400);
    expect(text).toContain("<Code>MissingParameter</Code>");
    expect(text).toContain("<Message>The request must contain the parameter MessageBody.</Message>");
  });

  it("has words of its own for a queue that does not exist", async () => {
    await server.call("DeleteQueue", { QueueUrl: url });
    const { status, text } = await get(url, { Action: "GetQueueAttributes", "AttributeName.1": "QueueArn" });
    expect(status).toBe(400);
    expect(text).toContain("<Code>AWS.SimpleQueueService.NonExistentQueue</Code>");
    expect(text).toContain("<Message>The specified queue does not exist for this wsdl version.</Message>");
  });

  it.each(["FooBar", "CreateQueue", "ListQueues"])(
    "has no action %s at a queue's address",
    async (Action) => {
      const { status, text } = await get(url, { Action, QueueName: "new", Version: "2012-11-05" });
      expect(status).toBe(400);
      expect(text).toContain("<Type>Sender</Type><Code>InvalidAction</Code>");
      expect(text).toContain(`<Message>The action ${Action} is not valid for this endpoint.</Message>`);
    },
  );

  it.each(["*/*", "application/json"])(
    "does not know what is wanted without an action (%s)",
    async (accept) => {
      const { status, text } = await get(url, {}, accept);
      expect(status).toBe(404);
      expect(text).toContain("<UnknownOperationException");
    },
  );

  it("answers in JSON those who accept nothing else", async () => {
    const json = async (address: string, parameters: Record<string, string>) =>
      JSON.parse((await get(address, parameters, "application/json")).text);
    expect(await json(server.endpoint, { Action: "ListQueues" })).toMatchObject({
      ListQueuesResponse: { ListQueuesResult: { queueUrls: [url] } },
    });
    const MessageBody = '{"foo": "ba\rr", "foo2": "ba&quot;r&quot;"}';
    await server.call("SendMessage", { QueueUrl: url, MessageBody });
    const received = await json(server.endpoint, { Action: "ReceiveMessage", QueueUrl: url });
    expect(received.ReceiveMessageResponse.ReceiveMessageResult.messages[0].Body).toBe(MessageBody);
    const { GetQueueAttributesResponse } = await json(url, {
      Action: "GetQueueAttributes",
      "AttributeName.1": "All",
    });
    expect(GetQueueAttributesResponse.GetQueueAttributesResult.Attributes).toContainEqual({
      Name: "QueueArn",
      Value: "arn:aws:sqs:us-east-1:000000000000:q",
    });
    expect(await json(url, { Action: "ListQueues" })).toMatchObject({
      Error: { Code: "InvalidAction", Message: "The action ListQueues is not valid for this endpoint." },
    });
  });
});
