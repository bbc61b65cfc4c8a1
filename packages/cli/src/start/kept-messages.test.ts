import { expect, test } from "vitest";
import { createTestClock } from "../clock/test-clock.js";
import type { ReceivedMessage } from "../local-sqs/broker/broker.js";
import type { RemoteMessages } from "../remote-sqs/remote-messages.js";
import { keepMessages } from "./kept-messages.js";

const message = (messageId: string): ReceivedMessage => ({
  messageId,
  receiptHandle: `handle-${messageId}`,
  body: "{}",
  attributes: {},
  traceHeader: null,
  sentAtMs: 0,
  firstReceivedAtMs: 0,
  receiveCount: 1,
  messageGroupId: null,
  messageDeduplicationId: null,
  sequenceNumber: null,
  deadLetterSourceArn: null,
});

/** A queue that hands out these messages and writes down what is asked of it. */
function keeping(...ids: string[]) {
  const clock = createTestClock();
  const startMs = clock.now();
  const calls: string[] = [];
  const failures: unknown[] = [];
  const at = (text: string) => void calls.push(`${(clock.now() - startMs) / 1_000} s: ${text}`);
  const ports = { extend: async (): Promise<string[]> => [] };
  const source: RemoteMessages = {
    queueArn: "arn",
    region: "us-east-1",
    receive: async () => ({ messages: ids.map(message), undo: () => {} }),
    delete: async (handles) => at(`delete ${handles.join(" ")}`),
    release: async () => {},
    returnAfter: async (handle, seconds) => at(`return ${handle} after ${seconds} s`),
    extend: (handles, seconds) => {
      at(`keep ${handles.join(" ")} for ${seconds} s`);
      return ports.extend();
    },
  };
  const kept = keepMessages(source, { clock, onFailure: (error) => failures.push(error) });
  const advance = async (seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      clock.advance(1_000);
      await settled();
    }
  };
  return {
    kept,
    calls,
    failures,
    ports,
    advance,
    receive: () => kept.receive(10, new AbortController().signal),
  };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test("keeps a message on, well before its time is over, for as long as its job runs", async () => {
  const { kept, calls, advance, receive } = keeping("a", "b");
  await receive();
  await advance(32);
  expect(calls).toEqual([
    "10 s: keep handle-a handle-b for 30 s",
    "20 s: keep handle-a handle-b for 30 s",
    "30 s: keep handle-a handle-b for 30 s",
  ]);
  await kept.delete(["handle-a", "handle-b"]);
  calls.length = 0;
  await advance(120);
  expect(calls).toEqual([]);
});

test("keeps nothing on that is deleted, reported as failed, or given back", async () => {
  const { kept, calls, advance, receive } = keeping("a", "b", "c", "d");
  await receive();
  await kept.delete(["handle-a"]);
  await kept.release(["handle-b"]);
  await kept.returnAfter("handle-c", 7);
  await advance(10);
  expect(calls).toEqual([
    "0 s: delete handle-a",
    "0 s: return handle-c after 7 s",
    "10 s: keep handle-d for 30 s",
  ]);
});

test("lets a message go only when no heartbeat for it is under way", async () => {
  const { kept, calls, advance, receive, ports } = keeping("a", "b");
  let answer: (refused: string[]) => void = () => {};
  ports.extend = () =>
    new Promise((resolve) => {
      answer = resolve;
    });
  await receive();
  await advance(10);
  const order: string[] = [];
  const letGo = kept.letGo(["a"]).then(() => order.push("let go"));
  await settled();
  order.push("answered");
  answer([]);
  await letGo;
  expect(order).toEqual(["answered", "let go"]);
  calls.length = 0;
  await advance(10);
  expect(calls).toEqual(["20 s: keep handle-b for 30 s"]);
});

test("tries a heartbeat that failed again at the next look, and has two tries before a job comes back", async () => {
  const { calls, failures, ports, advance, receive } = keeping("a");
  ports.extend = () => Promise.reject(new Error("reset"));
  await receive();
  await advance(29);
  expect(calls.map((call) => call.split(":")[0])).toEqual(["10 s", "15 s", "20 s", "25 s"]);
  expect(failures).toHaveLength(4);
  ports.extend = async () => [];
  await advance(11);
  expect(calls.slice(4).map((call) => call.split(":")[0])).toEqual(["30 s", "40 s"]);
});

test("gives up a message that SQS says is not ours any more", async () => {
  const { calls, ports, advance, receive } = keeping("a", "b");
  ports.extend = async () => ["handle-a"];
  await receive();
  await advance(10);
  ports.extend = async () => [];
  await advance(10);
  expect(calls).toEqual(["10 s: keep handle-a handle-b for 30 s", "20 s: keep handle-b for 30 s"]);
});

test("a delivery that was not handed over goes back last first, and can be waited for", async () => {
  const { kept, calls, advance, receive } = keeping("a", "b");
  (await receive()).undo();
  await kept.idle();
  expect(calls).toEqual(["0 s: return handle-b after 0 s", "0 s: return handle-a after 0 s"]);
  await advance(60);
  expect(calls).toHaveLength(2);
});

test("makes no calls after its end", async () => {
  const { kept, calls, advance, receive } = keeping("a");
  await receive();
  kept.stop();
  await advance(60);
  expect(calls).toEqual([]);
});
