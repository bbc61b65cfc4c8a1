import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createTestClock, type TestClock } from "../../clock/test-clock.js";
import type { Broker, ReceivedMessage } from "../../local-sqs/broker/broker.js";
import { createBroker } from "../../local-sqs/broker/create-broker.js";
import type { Outcome } from "../runner/outcome.js";
import type { Slot } from "../runner/slot.js";
import { type EventSource, type EventSourceSettings, startEventSource } from "./event-source.js";
import { brokerMessages } from "./message-source.js";

/** One invocation that the source has started. */
type Invocation = {
  requestId: string;
  bodies: string[];
  messages: ReceivedMessage[];
  end: (outcome: Outcome) => void;
};

const place = { region: "us-east-1", accountId: "000000000000" };
const standard: EventSourceSettings = {
  batchSize: 10,
  batchWindowSeconds: 0,
  maximumConcurrency: null,
  fifo: false,
  returnDelaySeconds: (receiveCount) => receiveCount * 2,
};
const died: Outcome = { kind: "died", cause: { kind: "exit", exitCode: 3 } };

let clock: TestClock;
let broker: Broker;
let invocations: Invocation[];
let told: { count: number; backInSeconds: number; kind: string }[];
let source: EventSource | null;
let free: boolean;
let lost: { requestId: string; inFlight: number }[];

beforeEach(async () => {
  clock = createTestClock();
  broker = await createBroker({ clock });
  await broker.createQueue("jobs", { visibilityTimeoutSeconds: 600 }, {});
  await broker.createQueue("jobs.fifo", { fifoQueue: true, visibilityTimeoutSeconds: 600 }, {});
  invocations = [];
  told = [];
  source = null;
  free = true;
  lost = [];
});

afterEach(async () => {
  const stopped = source?.stop();
  for (const { end } of invocations) end(succeeded());
  await stopped;
  await broker.close();
});

const succeeded = (...failedIds: string[]): Outcome => ({
  kind: "returned",
  value: { batchItemFailures: failedIds.map((itemIdentifier) => ({ itemIdentifier })) },
});

function start(settings: Partial<EventSourceSettings> = {}, queue = "jobs"): EventSource {
  const slot: Slot = {
    run(payload) {
      const messages = payload.kind === "queue" ? payload.delivery.messages : [];
      const outcome = new Promise<Outcome>((resolve) => {
        const requestId = payload.kind === "queue" ? payload.delivery.requestId : "";
        invocations.push({ requestId, bodies: messages.map(({ body }) => body), messages, end: resolve });
      });
      return { outcome, hangUp: () => {} };
    },
    release() {},
  };
  source = startEventSource(
    { ...standard, ...settings },
    {
      messages: brokerMessages(broker, queue, place),
      acquire: (signal) =>
        free
          ? Promise.resolve(slot)
          : new Promise((resolve) => signal.addEventListener("abort", () => resolve(null))),
      clock,
      async died(requestId) {
        lost.push({ requestId, inFlight: counts(queue).inFlight });
      },
      reports: {
        batchFailed: (messages, { kind }, backInSeconds) =>
          told.push({ count: messages.length, kind, backInSeconds }),
        pollFailed: (error) => {
          throw error;
        },
      },
    },
  );
  return source;
}

/** Lets the source and the broker do what they can do now. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}

async function send(...bodies: string[]): Promise<string[]> {
  const sent = await Promise.all(bodies.map((body) => broker.send("jobs", { body })));
  return sent.map(({ messageId }) => messageId);
}

async function sendFifo(group: string, body: string): Promise<void> {
  await broker.send("jobs.fifo", { body, messageGroupId: group, messageDeduplicationId: body });
}

const counts = (queue = "jobs") => {
  const { visibleCount, inFlightCount } = broker.queue(queue);
  return { visible: visibleCount, inFlight: inFlightCount };
};

const invocation = (at: number): Invocation => {
  const found = invocations[at];
  if (!found) throw new Error(`Invocation ${at} was not made`);
  return found;
};

describe("an event source", () => {
  it("hands messages over together, up to the batch size, and deletes what succeeded", async () => {
    await send("a", "b", "c");
    start({ batchSize: 2 });
    await settle();
    expect(invocations.map(({ bodies }) => bodies)).toEqual([["a", "b"], ["c"]]);
    invocation(0).end(succeeded());
    invocation(1).end({ kind: "returned", value: null });
    await settle();
    expect(counts()).toEqual({ visible: 0, inFlight: 0 });
  });

  it("leaves what failed until its visibility timeout has passed", async () => {
    const [, failing = ""] = await send("a", "b");
    start();
    await settle();
    invocation(0).end(succeeded(failing));
    await settle();
    expect(counts()).toEqual({ visible: 0, inFlight: 1 });
    clock.advance(600_000);
    await settle();
    expect(invocation(1).bodies).toEqual(["b"]);
    expect(invocation(1).messages[0]?.receiveCount).toBe(2);
  });

  it("keeps all of a batch whose answer makes no sense, and tells of it", async () => {
    await send("a", "b");
    start();
    await settle();
    invocation(0).end({ kind: "returned", value: { batchItemFailures: [{ itemIdentifier: "unknown" }] } });
    await settle();
    expect(told).toEqual([{ count: 2, kind: "bad-answer", backInSeconds: 2 }]);
    expect(counts()).toEqual({ visible: 0, inFlight: 2 });
  });

  it("brings the messages of a process that died back after a backoff, which grows", async () => {
    await send("a");
    start();
    await settle();
    invocation(0).end(died);
    await settle();
    clock.advance(1_900);
    await settle();
    expect(invocations).toHaveLength(1);
    clock.advance(100);
    await settle();
    invocation(1).end(died);
    await settle();
    clock.advance(3_900);
    await settle();
    expect(invocations).toHaveLength(2);
    clock.advance(100);
    await settle();
    expect(invocations).toHaveLength(3);
    expect(told.map(({ kind, backInSeconds }) => [kind, backInSeconds])).toEqual([
      ["died", 2],
      ["died", 4],
    ]);
  });

  it("lets go of what a process held that died, before its messages come back, and of no other's", async () => {
    await send("a", "b");
    start({ batchSize: 1 });
    await settle();
    invocation(0).end(died);
    await settle();
    expect(lost).toEqual([{ requestId: invocation(0).requestId, inFlight: 2 }]);
    expect(invocation(0).requestId).not.toBe(invocation(1).requestId);
  });

  it("leaves a message alone that the process gave back, and another has received, before it died", async () => {
    await send("a");
    start({ returnDelaySeconds: () => 0 });
    await settle();
    const [message] = invocation(0).messages;
    await broker.changeMessageVisibility("jobs", message?.receiptHandle ?? "", 0);
    await settle();
    expect(invocation(1).bodies).toEqual(["a"]);
    invocation(0).end(died);
    await settle();
    expect(invocations).toHaveLength(2);
  });

  it("says nothing, and changes nothing, where the runtime has told that code cannot be loaded", async () => {
    await send("a");
    start();
    await settle();
    const error = { name: "Error", message: "broken", stack: null, code: null, fix: null, cause: null };
    invocation(0).end({ kind: "failed", error, told: true });
    await settle();
    expect(told).toEqual([]);
    expect(counts()).toEqual({ visible: 0, inFlight: 1 });
  });

  it("runs no more invocations at once than it may", async () => {
    await send("a", "b", "c");
    start({ batchSize: 1, maximumConcurrency: 2 });
    await settle();
    expect(invocations).toHaveLength(2);
    invocation(0).end(succeeded());
    await settle();
    expect(invocations).toHaveLength(3);
  });

  it("waits for a batch to fill while its window is open", async () => {
    await send("a");
    start({ batchSize: 3, batchWindowSeconds: 5 });
    await settle();
    clock.advance(3_000);
    await send("b");
    await settle();
    expect(invocations).toHaveLength(0);
    clock.advance(2_000);
    await settle();
    expect(invocation(0).bodies).toEqual(["a", "b"]);
  });

  it("does not wait for a window when the batch is full", async () => {
    await send("a", "b", "c");
    start({ batchSize: 2, batchWindowSeconds: 5 });
    await settle();
    expect(invocation(0).bodies).toEqual(["a", "b"]);
  });

  it("cuts a batch that is larger than Lambda's event", async () => {
    const large = "x".repeat(1_000_000);
    await send(...Array.from({ length: 8 }, () => large));
    start();
    await settle();
    expect(invocation(0).bodies).toHaveLength(6);
    invocation(0).end(succeeded());
    await settle();
    expect(invocation(1).bodies).toHaveLength(2);
  });

  it("keeps the order of each FIFO group, and works on other groups meanwhile", async () => {
    await sendFifo("one", "1a");
    await sendFifo("one", "1b");
    await sendFifo("two", "2a");
    start({ batchSize: 1, fifo: true }, "jobs.fifo");
    await settle();
    expect(invocations.map(({ bodies }) => bodies)).toEqual([["1a"], ["2a"]]);
    invocation(0).end(died);
    invocation(1).end(succeeded());
    await settle();
    expect(invocations).toHaveLength(2);
    clock.advance(2_000);
    await settle();
    expect(invocation(2).bodies).toEqual(["1a"]);
    invocation(2).end(succeeded());
    await settle();
    expect(invocation(3).bodies).toEqual(["1b"]);
  });

  it("never has two jobs of a FIFO group at work, even when the clock was set ahead of a visibility timeout", async () => {
    for (const body of ["a", "b"]) await sendFifo("one", body);
    start({ batchSize: 1, fifo: true }, "jobs.fifo");
    await settle();
    clock.jumpTo(clock.now() + 3_600_000);
    await settle();
    expect(invocations.map(({ bodies }) => bodies)).toEqual([["a"]]);
    await sendFifo("one", "c");
    invocation(0).end(died);
    await settle();
    invocation(1).end(succeeded());
    await settle();
    expect(invocations.map(({ bodies }) => bodies)).toEqual([["a"], ["a"], ["b"]]);
    expect(invocation(1).messages[0]?.receiveCount).toBe(2);
  });

  it("brings a FIFO batch back in order when its process died", async () => {
    for (const body of ["a", "b", "c"]) await sendFifo("one", body);
    start({ batchSize: 3, fifo: true, returnDelaySeconds: () => 1 }, "jobs.fifo");
    await settle();
    invocation(0).end(died);
    await settle();
    clock.advance(1_000);
    await settle();
    expect(invocation(1).bodies).toEqual(["a", "b", "c"]);
  });
});

describe("a source that stops", () => {
  it("gives back, as never received, what no instance was free for", async () => {
    free = false;
    await send("a");
    const stopping = start();
    await settle();
    expect(counts()).toEqual({ visible: 0, inFlight: 1 });
    await stopping.stop();
    expect(counts()).toEqual({ visible: 1, inFlight: 0 });
    const { messages } = await broker.receive("jobs", { maxMessages: 1 });
    expect(messages[0]?.receiveCount).toBe(1);
  });

  it("waits for what runs, and makes what was cut off visible at once, without a word", async () => {
    await send("a");
    const stopping = start();
    await settle();
    const stopped = stopping.stop();
    invocation(0).end({ kind: "died", cause: { kind: "stopped" } });
    await stopped;
    expect(counts()).toEqual({ visible: 1, inFlight: 0 });
    expect(told).toEqual([]);
  });
});
