import { expect, test } from "vitest";
import { createTestClock } from "../clock/test-clock.js";
import type { MessageSource } from "../dev/event-source/message-source.js";
import { pollPatiently } from "./patient-messages.js";

const settled = () => new Promise((resolve) => setImmediate(resolve));

/** A source whose receives fail so often before they are answered. */
function polling(failures: number, random = () => 1) {
  const clock = createTestClock();
  const told: string[] = [];
  const stopping = new AbortController();
  let left = failures;
  const source: MessageSource = {
    queueArn: "arn",
    region: "us-east-1",
    async receive() {
      if (left-- > 0) throw new Error("reset");
      return { messages: [], undo: () => {} };
    },
    delete: async () => {},
    release: async () => {},
    returnAfter: async () => {},
  };
  const messages = pollPatiently(source, {
    clock,
    random,
    reports: {
      failed: (error, count, againInMs) => told.push(`${(error as Error).message} ${count}: ${againInMs} ms`),
      recovered: (count) => told.push(`recovered after ${count}`),
    },
  });
  let answered = false;
  const startedMs = clock.now();
  const receiving = messages.receive(10, stopping.signal).then(() => {
    answered = true;
  });
  const advance = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 500) {
      clock.advance(500);
      await settled();
    }
  };
  return { clock, told, messages, stopping, receiving, advance, startedMs, isAnswered: () => answered };
}

test("tries again after pauses that grow to half a minute", async () => {
  const { told, advance, receiving } = polling(7);
  await settled();
  await advance(150_000);
  await receiving;
  expect(told).toEqual([
    "reset 1: 1000 ms",
    "reset 2: 2000 ms",
    "reset 3: 4000 ms",
    "reset 4: 8000 ms",
    "reset 5: 16000 ms",
    "reset 6: 30000 ms",
    "reset 7: 30000 ms",
    "recovered after 7",
  ]);
});

test("pauses for something between a half and the whole, by chance", async () => {
  const { told } = polling(1, () => 0);
  await settled();
  expect(told).toEqual(["reset 1: 500 ms"]);
});

test("says since when nothing has answered, through failures and pauses", async () => {
  const { messages, startedMs, advance, receiving } = polling(2);
  await advance(2_000);
  expect(messages.unansweredSinceMs()).toBe(startedMs);
  await advance(2_000);
  await receiving;
  expect(messages.unansweredSinceMs()).toBeNull();
});

test("a pause ends when nobody wants an answer any more", async () => {
  const { stopping, receiving, isAnswered } = polling(100);
  await settled();
  expect(isAnswered()).toBe(false);
  stopping.abort();
  await receiving;
});
