import { expect, it } from "vitest";
import type { TestServer } from "../testing/start-test-server.js";
import { describeEachWire } from "./each-wire.js";

const CONTENT_BASED = { ContentBasedDeduplication: "true" };

/** Sends messages named `GROUP-…`, each in the group that its name begins with. */
async function send({ call }: TestServer, QueueUrl: string, ...bodies: string[]): Promise<void> {
  for (const MessageBody of bodies) {
    const MessageGroupId = MessageBody.split("-")[0];
    await call("SendMessage", { QueueUrl, MessageBody, MessageGroupId });
  }
}

/** Receives, and gives the handles by body. */
async function receive(
  { call }: TestServer,
  QueueUrl: string,
  input: object = {},
): Promise<Map<string, string>> {
  const { Messages = [] } = await call("ReceiveMessage", { QueueUrl, MaxNumberOfMessages: 10, ...input });
  return new Map(Messages.map(({ Body = "", ReceiptHandle = "" }) => [Body, ReceiptHandle]));
}

describeEachWire("message groups", (use) => {
  it("come in order, one group after another", async () => {
    const server = use();
    const QueueUrl = await server.createQueue("q.fifo", CONTENT_BASED);
    await send(server, QueueUrl, "g1-m1", "g2-m1", "g1-m2", "g1-m3");
    expect(await server.bodies(QueueUrl)).toEqual(["g1-m1", "g1-m2", "g1-m3", "g2-m1"]);
  });

  it("come one message at a time, in order, as each is deleted", async () => {
    const server = use();
    const QueueUrl = await server.createQueue("q.fifo", CONTENT_BASED);
    await send(server, QueueUrl, "g-0", "g-1", "g-2", "g-3");
    for (const body of ["g-0", "g-1", "g-2", "g-3"]) {
      const { Messages: [message] = [] } = await server.call("ReceiveMessage", { QueueUrl });
      expect(message?.Body).toBe(body);
      expect(await server.bodies(QueueUrl)).toEqual([]);
      await server.call("DeleteMessage", { QueueUrl, ReceiptHandle: message?.ReceiptHandle });
    }
  });

  it("are withheld while one of their messages is in flight, and back in order after its timeout", async () => {
    const server = use();
    const QueueUrl = await server.createQueue("q.fifo", { ...CONTENT_BASED, VisibilityTimeout: "1" });
    await send(server, QueueUrl, "g1-m1", "g1-m2", "g1-m3", "g1-m4", "g2-m1", "g3-m1");
    expect(await server.bodies(QueueUrl, { MaxNumberOfMessages: 2 })).toEqual(["g1-m1", "g1-m2"]);
    expect(await server.bodies(QueueUrl, { MaxNumberOfMessages: 1 })).toEqual(["g2-m1"]);
    server.clock.advance(2_000);
    const again = await server.bodies(QueueUrl, { VisibilityTimeout: 0 });
    expect(again[0]).toBe("g3-m1");
    expect(again.filter((body) => body.startsWith("g1"))).toEqual(["g1-m1", "g1-m2", "g1-m3", "g1-m4"]);
    expect(again).toHaveLength(6);
  });

  it("go to the back of the queue when they become visible again", async () => {
    const server = use();
    const QueueUrl = await server.createQueue("q.fifo", CONTENT_BASED);
    await send(server, QueueUrl, "g1-m1", "g2-m1", "g2-m2", "g3-m1", "g1-m2");
    const three = { MaxNumberOfMessages: 3, VisibilityTimeout: 0 };
    expect(await server.bodies(QueueUrl, three)).toEqual(["g1-m1", "g1-m2", "g2-m1"]);
    expect(await server.bodies(QueueUrl, { VisibilityTimeout: 0 })).toEqual([
      "g3-m1",
      "g1-m1",
      "g1-m2",
      "g2-m1",
      "g2-m2",
    ]);
  });

  it.each([
    ["is set to 0", 0, 0],
    ["ends early", 1, 2_000],
  ])("give their first message when its timeout %s, and only it", async (_, VisibilityTimeout, wait) => {
    const server = use();
    const QueueUrl = await server.createQueue("q.fifo", CONTENT_BASED);
    await send(server, QueueUrl, "g1-m1", "g1-m2", "g2-m1");
    const handles = await receive(server, QueueUrl, { MaxNumberOfMessages: 2 });
    expect([...handles.keys()]).toEqual(["g1-m1", "g1-m2"]);
    const ReceiptHandle = handles.get("g1-m1");
    await server.call("ChangeMessageVisibility", { QueueUrl, ReceiptHandle, VisibilityTimeout });
    server.clock.advance(wait);
    expect(await server.bodies(QueueUrl, { MaxNumberOfMessages: 3 })).toEqual(["g2-m1", "g1-m1"]);
  });

  it.each([
    ["first", 0, []],
    ["second", 1, ["g-foo"]],
    ["third", 2, ["g-foo", "g-bar"]],
  ])("give what is before a message that is hidden longer: the %s", async (_, position, visible) => {
    const server = use();
    const QueueUrl = await server.createQueue("q.fifo", { ...CONTENT_BASED, VisibilityTimeout: "1" });
    await send(server, QueueUrl, "g-foo", "g-bar", "g-baz");
    const handles = [...(await receive(server, QueueUrl)).values()];
    const hidden = { QueueUrl, ReceiptHandle: handles[position], VisibilityTimeout: 4 };
    await server.call("ChangeMessageVisibility", hidden);
    server.clock.advance(2_500);
    expect(await server.bodies(QueueUrl)).toEqual(visible);
  });

  it("go on when all that was received of them is deleted, and not before", async () => {
    const server = use();
    for (const [name, deleted] of Object.entries({ "all.fifo": 2, "part.fifo": 1 })) {
      const QueueUrl = await server.createQueue(name, CONTENT_BASED);
      await send(server, QueueUrl, "g1-m1", "g2-m1", "g1-m2", "g2-m2", "g1-m3", "g1-m4", "g3-m1");
      const handles = await receive(server, QueueUrl, { MaxNumberOfMessages: 2 });
      expect([...handles.keys()]).toEqual(["g1-m1", "g1-m2"]);
      for (const ReceiptHandle of [...handles.values()].slice(0, deleted)) {
        await server.call("DeleteMessage", { QueueUrl, ReceiptHandle });
      }
      const rest = await server.bodies(QueueUrl);
      const others = rest.filter((body) => !body.startsWith("g1"));
      expect(others).toEqual(["g2-m1", "g2-m2", "g3-m1"]);
      const ofFirst = rest.filter((body) => body.startsWith("g1"));
      expect(ofFirst).toEqual(deleted === 2 ? ["g1-m3", "g1-m4"] : []);
    }
  });

  it("let one of several waiting receivers have a group's message, and the next when it is deleted", async () => {
    const server = use();
    const QueueUrl = await server.createQueue("q.fifo", CONTENT_BASED);
    const arrived: [body: string, handle: string][] = [];
    const polls = [1, 2].map(async () => {
      const one = { MaxNumberOfMessages: 1, WaitTimeSeconds: 10 };
      arrived.push(...(await receive(server, QueueUrl, one)));
    });
    await server.received(2);
    await send(server, QueueUrl, "1-message-1", "1-message-2");
    await Promise.race(polls);
    expect(arrived.map(([body]) => body)).toEqual(["1-message-1"]);
    await server.call("DeleteMessage", { QueueUrl, ReceiptHandle: arrived[0]?.[1] });
    await Promise.all(polls);
    expect(arrived.map(([body]) => body)).toEqual(["1-message-1", "1-message-2"]);
  });

  it("stay usable when they have been empty", async () => {
    const server = use();
    const QueueUrl = await server.createQueue("q.fifo", CONTENT_BASED);
    for (const body of ["g1-message 1", "g1-message 2"]) {
      await send(server, QueueUrl, body);
      const handles = await receive(server, QueueUrl);
      expect([...handles.keys()]).toEqual([body]);
      await server.call("DeleteMessage", { QueueUrl, ReceiptHandle: handles.get(body) });
      expect(await server.bodies(QueueUrl)).toEqual([]);
    }
  });
});

describeEachWire("handles of a FIFO queue", (use) => {
  it("expire with their visibility timeout", async () => {
    const server = use();
    const QueueUrl = await server.createQueue("q.fifo", { ...CONTENT_BASED, VisibilityTimeout: "1" });
    await send(server, QueueUrl, "1-foobar");
    const ReceiptHandle = (await receive(server, QueueUrl)).get("1-foobar");
    server.clock.advance(1_000);
    expect(await server.refusal("DeleteMessage", { QueueUrl, ReceiptHandle })).toEqual({
      code: "InvalidParameterValue",
      message: `Value ${ReceiptHandle} for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.`,
      status: 400,
    });
    expect(await server.bodies(QueueUrl)).toEqual(["1-foobar"]);
  });

  it("live as long as the timeout is extended", async () => {
    const server = use();
    const QueueUrl = await server.createQueue("q.fifo", { ...CONTENT_BASED, VisibilityTimeout: "1" });
    await send(server, QueueUrl, "1-foobar");
    const ReceiptHandle = (await receive(server, QueueUrl)).get("1-foobar");
    await server.call("ChangeMessageVisibility", { QueueUrl, ReceiptHandle, VisibilityTimeout: 5 });
    server.clock.advance(1_500);
    expect(await server.call("DeleteMessage", { QueueUrl, ReceiptHandle })).toEqual({});
    server.clock.advance(5_000);
    expect(await server.bodies(QueueUrl)).toEqual([]);
  });
});
