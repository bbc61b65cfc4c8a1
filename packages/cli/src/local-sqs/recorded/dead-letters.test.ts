import { expect, it } from "vitest";
import type { TestServer } from "../testing/start-test-server.js";
import { describeEachWire } from "./each-wire.js";

const TRACE = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";

/** A queue whose messages go to `dead` when they are received more often than `maxReceiveCount`. */
async function createPair({ createQueue, arnOf }: TestServer, maxReceiveCount: number, suffix = "") {
  const attributes: Record<string, string> = suffix === "" ? {} : { ContentBasedDeduplication: "true" };
  const dead = await createQueue(`dead${suffix}`, attributes);
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arnOf(dead), maxReceiveCount });
  const source = await createQueue(`source${suffix}`, { ...attributes, RedrivePolicy });
  return { source, dead };
}

/** Fills `dead` through `source`. */
async function fillDead(server: TestServer, source: string, bodies: string[]): Promise<void> {
  for (const MessageBody of bodies) await server.call("SendMessage", { QueueUrl: source, MessageBody });
  for (let receives = 0; receives < 2; receives++) {
    for (let got = 0; got < bodies.length; got += 10) await server.bodies(source, { VisibilityTimeout: 0 });
  }
}

describeEachWire("dead-letter queues", (use) => {
  it("get a message that is received once too often, with its id and all its attributes", async () => {
    const server = use();
    const { source, dead } = await createPair(server, 1);
    const sent = await server.call("SendMessage", {
      QueueUrl: source,
      MessageBody: "message-1",
      MessageSystemAttributes: { AWSTraceHeader: { DataType: "String", StringValue: TRACE } },
      MessageAttributes: { MyAttribute: { DataType: "String", StringValue: "foobar" } },
    });
    const names = { MessageSystemAttributeNames: ["All"], MessageAttributeNames: ["All"] };
    const receive = async (QueueUrl: string) =>
      (await server.call("ReceiveMessage", { QueueUrl, VisibilityTimeout: 0, ...names })).Messages?.[0];
    const alive = await receive(source);
    expect(await receive(source)).toBeUndefined();
    expect(await receive(dead)).toEqual({
      ...alive,
      MessageId: sent.MessageId,
      ReceiptHandle: expect.any(String),
      MD5OfMessageAttributes: "adb59cd4678ea5a855436b949cd07ab6",
      Attributes: {
        ...alive?.Attributes,
        AWSTraceHeader: TRACE,
        ApproximateReceiveCount: "2",
        ApproximateFirstReceiveTimestamp: expect.any(String),
        DeadLetterQueueSourceArn: server.arnOf(source),
      },
    });
  });

  it("keep a FIFO queue going", async () => {
    const server = use();
    const { source, dead } = await createPair(server, 2, ".fifo");
    const send = (MessageBody: string) =>
      server.call("SendMessage", { QueueUrl: source, MessageBody, MessageGroupId: "1" });
    const { MessageId } = await send("foobar");
    for (const bodies of [["foobar"], ["foobar"], []]) {
      expect(await server.bodies(source, { VisibilityTimeout: 0 })).toEqual(bodies);
    }
    const { Messages } = await server.call("ReceiveMessage", { QueueUrl: dead });
    expect(Messages).toMatchObject([{ MessageId, Body: "foobar" }]);
    await send("foobar2");
    expect(await server.bodies(source)).toEqual(["foobar2"]);
  });

  it("know their sources", async () => {
    const server = use();
    const { source, dead } = await createPair(server, 50);
    const none = await server.createQueue("none");
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: server.arnOf(dead), maxReceiveCount: 50 });
    const second = await server.createQueue("another", { RedrivePolicy });
    expect(await server.call("ListDeadLetterSourceQueues", { QueueUrl: dead })).toEqual({
      queueUrls: [second, source],
    });
    const page = await server.call("ListDeadLetterSourceQueues", { QueueUrl: dead, MaxResults: 1 });
    expect(page).toEqual({ queueUrls: [second], NextToken: expect.any(String) });
    const rest = { QueueUrl: dead, MaxResults: 1, NextToken: page.NextToken };
    expect(await server.call("ListDeadLetterSourceQueues", rest)).toEqual({ queueUrls: [source] });
    const { queueUrls = [] } = await server.call("ListDeadLetterSourceQueues", { QueueUrl: none });
    expect(queueUrls).toEqual([]);
  });
});

describeEachWire("message move tasks", (use) => {
  it("move dead letters to another queue", async () => {
    const server = use();
    const { source, dead } = await createPair(server, 1);
    const destination = await server.createQueue("destination");
    await fillDead(server, source, ["message-1", "message-2"]);
    const SourceArn = server.arnOf(dead);
    const DestinationArn = server.arnOf(destination);
    const { TaskHandle = "" } = await server.call("StartMessageMoveTask", { SourceArn, DestinationArn });
    const handle: unknown = JSON.parse(Buffer.from(TaskHandle, "base64").toString());
    expect(handle).toEqual({
      taskId: expect.stringMatching(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/),
      sourceArn: SourceArn,
    });
    server.clock.advance(1_000);
    expect(await server.bodies(destination)).toEqual(["message-1", "message-2"]);
    expect(await server.bodies(dead)).toEqual([]);
    expect(await server.call("ListMessageMoveTasks", { SourceArn })).toEqual({
      Results: [
        {
          ApproximateNumberOfMessagesMoved: 2,
          ApproximateNumberOfMessagesToMove: 2,
          DestinationArn,
          SourceArn,
          StartedTimestamp: expect.any(Number),
          Status: "COMPLETED",
        },
      ],
    });
  });

  it("move dead letters back to where each came from", async () => {
    const server = use();
    const { source, dead } = await createPair(server, 1);
    const SourceArn = server.arnOf(dead);
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: SourceArn, maxReceiveCount: 1 });
    const second = await server.createQueue("second", { RedrivePolicy });
    await fillDead(server, source, ["message-1-1", "message-1-2"]);
    await fillDead(server, second, ["message-2-1", "message-2-2"]);
    await server.call("StartMessageMoveTask", { SourceArn });
    server.clock.advance(1_000);
    expect(await server.bodies(source)).toEqual(["message-1-1", "message-1-2"]);
    expect(await server.bodies(second)).toEqual(["message-2-1", "message-2-2"]);
    const { Results } = await server.call("ListMessageMoveTasks", { SourceArn });
    expect(Results).toEqual([
      {
        ApproximateNumberOfMessagesMoved: 4,
        ApproximateNumberOfMessagesToMove: 4,
        SourceArn,
        StartedTimestamp: expect.any(Number),
        Status: "COMPLETED",
      },
    ]);
  });

  it("keep to a rate, run one at a time, and can be cancelled", async () => {
    const server = use();
    const { source, dead } = await createPair(server, 1);
    const destination = await server.createQueue("destination");
    await fillDead(
      server,
      source,
      Array.from({ length: 10 }, (_, index) => `message-${index}`),
    );
    const SourceArn = server.arnOf(dead);
    const task = { SourceArn, DestinationArn: server.arnOf(destination), MaxNumberOfMessagesPerSecond: 1 };
    const { TaskHandle } = await server.call("StartMessageMoveTask", task);
    expect(await server.refusal("StartMessageMoveTask", task)).toEqual({
      code: "InvalidParameterValue",
      message:
        "There is already a task running. Only one active task is allowed for a source queue arn at a given time.",
      status: 400,
    });
    server.clock.advance(1_000);
    expect(await server.bodies(destination)).toEqual(["message-0", "message-1"]);
    const entry = {
      ApproximateNumberOfMessagesMoved: 2,
      ApproximateNumberOfMessagesToMove: 10,
      DestinationArn: task.DestinationArn,
      MaxNumberOfMessagesPerSecond: 1,
      SourceArn,
      StartedTimestamp: expect.any(Number),
    };
    expect(await server.call("ListMessageMoveTasks", { SourceArn })).toEqual({
      Results: [{ ...entry, Status: "RUNNING", TaskHandle }],
    });
    expect(await server.call("CancelMessageMoveTask", { TaskHandle })).toEqual({
      ApproximateNumberOfMessagesMoved: 2,
    });
    server.clock.advance(60_000);
    expect(await server.call("ListMessageMoveTasks", { SourceArn })).toEqual({
      Results: [{ ...entry, Status: "CANCELLED" }],
    });
    expect(await server.bodies(dead)).toHaveLength(8);
  });

  it("fail when their destination goes", async () => {
    const server = use();
    const { source, dead } = await createPair(server, 1);
    const destination = await server.createQueue("destination");
    await fillDead(
      server,
      source,
      Array.from({ length: 10 }, (_, index) => `message-${index}`),
    );
    const SourceArn = server.arnOf(dead);
    const DestinationArn = server.arnOf(destination);
    await server.call("StartMessageMoveTask", { SourceArn, DestinationArn, MaxNumberOfMessagesPerSecond: 1 });
    await server.call("DeleteQueue", { QueueUrl: destination });
    server.clock.advance(2_000);
    expect(await server.call("ListMessageMoveTasks", { SourceArn })).toMatchObject({
      Results: [{ Status: "FAILED", FailureReason: "AWS.SimpleQueueService.NonExistentQueue", SourceArn }],
    });
    expect((await server.bodies(dead)).length).toBeGreaterThan(0);
  });

  it("need queues that exist, the source a dead-letter queue", async () => {
    const server = use();
    const { dead } = await createPair(server, 1);
    const other = server.arnOf(await server.createQueue("other"));
    const gone = (parameter: string) => ({
      code: "ResourceNotFoundException",
      message: `The resource that you specified for the ${parameter} parameter doesn't exist.`,
      status: 404,
    });
    const start = (SourceArn: string, DestinationArn?: string) =>
      server.refusal("StartMessageMoveTask", { SourceArn, DestinationArn });
    expect(await start(other, server.arnOf(dead))).toEqual({
      code: "InvalidParameterValue",
      message: "Source queue must be configured as a Dead Letter Queue.",
      status: 400,
    });
    expect(await start(server.arnOf(dead), `${other}doesntexist`)).toEqual(gone("DestinationArn"));
    expect(await start(`${other}doesntexist`)).toEqual(gone("SourceArn"));
    expect(await start("not an arn")).toMatchObject({ code: "InvalidParameterValue" });
    expect(await server.refusal("ListMessageMoveTasks", { SourceArn: `${other}2` })).toEqual(
      gone("SourceArn"),
    );
    expect(await server.call("ListMessageMoveTasks", { SourceArn: server.arnOf(dead) })).toEqual({});
  });

  it("are cancelled by a handle of theirs only", async () => {
    const server = use();
    const SourceArn = server.arnOf(await server.createQueue("source"));
    const handle = (sourceArn: string) =>
      Buffer.from(JSON.stringify({ taskId: "10f57157-fc38-4da9-a113-4de7e12d05aa", sourceArn })).toString(
        "base64",
      );
    const cancel = (TaskHandle: string) => server.refusal("CancelMessageMoveTask", { TaskHandle });
    expect(await cancel("foobared")).toEqual({
      code: "InvalidParameterValue",
      message: "Value for parameter TaskHandle is invalid.",
      status: 400,
    });
    expect(await cancel(handle(`${SourceArn}-invalid`))).toEqual({
      code: "ResourceNotFoundException",
      message: "The resource that you specified for the SourceArn parameter doesn't exist.",
      status: 404,
    });
    expect(await cancel(handle(SourceArn))).toEqual({
      code: "ResourceNotFoundException",
      message: "Task does not exist.",
      status: 404,
    });
  });
});
