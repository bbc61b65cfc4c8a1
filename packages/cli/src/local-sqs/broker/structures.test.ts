import { describe, expect, test } from "vitest";
import { ArrivalOrder } from "./arrival-order.js";
import { ContentCache } from "./content-cache.js";
import { DELAYED, GONE, IN_FLIGHT, MessageTable, VISIBLE } from "./message-table.js";
import { MinHeap } from "./min-heap.js";
import { createSeededRandom } from "./random.js";
import { decodeReceiptHandle, encodeReceiptHandle } from "./receipt-handle.js";
import { decodeContent, decodeState, encodeContent, encodeState, type MessageContent } from "./records.js";

describe("the heap", () => {
  test("gives pairs back by key, then by value, whatever is pushed, popped or dropped", () => {
    for (let seed = 1; seed <= 50; seed++) {
      const random = createSeededRandom(seed);
      const heap = new MinHeap();
      let expected: [number, number][] = [];
      for (let step = 0; step < 200; step++) {
        if (random.next() < 0.6) {
          const pair: [number, number] = [Math.floor(random.next() * 20), step];
          heap.push(...pair);
          expected.push(pair);
          expected.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
        } else if (random.next() < 0.9) {
          expect([heap.peekKey(), heap.pop()], `seed ${seed}`).toEqual(
            expected.shift() ?? [Number.POSITIVE_INFINITY, -1],
          );
        } else {
          heap.rebuild((_key, value) => value % 3 !== 0, 5);
          expected = expected.filter(([, value]) => value % 3 !== 0).map(([key, value]) => [key + 5, value]);
        }
        expect(heap.size, `seed ${seed}`).toBe(expected.length);
      }
    }
  });
});

describe("the table", () => {
  test("counts, finds the first, and forgets, as a plain map would", () => {
    for (let seed = 1; seed <= 20; seed++) {
      const random = createSeededRandom(seed);
      const table = new MessageTable(seed % 2 === 0);
      const expected = new Map<number, number>();
      let seq = 0;
      for (let step = 0; step < 5_000; step++) {
        if (random.next() < 0.5) {
          seq += random.next() < 0.001 ? 70_000 : 1;
          table.add(seq, random.next() < 0.5 ? VISIBLE : DELAYED, seq * 10);
          expected.set(seq, table.state(seq));
        } else {
          const at = 1 + Math.floor(random.next() * seq);
          const state = random.next() < 0.7 ? GONE : IN_FLIGHT;
          table.setState(at, state);
          if (state === GONE) expected.delete(at);
          else if (expected.has(at)) expected.set(at, state);
        }
        if (step % 50 !== 0) continue;
        const states = [...expected.values()];
        for (const state of [VISIBLE, DELAYED, IN_FLIGHT] as const) {
          expect(table.count(state), `seed ${seed}`).toBe(states.filter((other) => other === state).length);
        }
        expect(table.first(), `seed ${seed}`).toBe(
          Math.min(...expected.keys(), Number.POSITIVE_INFINITY) % Infinity || 0,
        );
      }
      for (const [at, state] of expected)
        expect([table.state(at), table.sentAtMs(at)]).toEqual([state, at * 10]);
    }
  });
});

test("the order of arrival survives that most keys are dropped", () => {
  const order = new ArrivalOrder();
  const live = new Set<string>();
  for (let index = 0; index < 10_000; index++) {
    live.add(String(index));
    order.push(String(index), live.size, (key) => live.has(key));
    if (index % 10 !== 0) live.delete(String(index));
  }
  const left: string[] = [];
  for (let key = order.first(); key !== undefined; key = order.first()) {
    order.shift();
    if (live.has(key)) left.push(key);
  }
  expect(left).toEqual([...live]);
});

test("the cache keeps the young contents within its size", () => {
  const cache = new ContentCache(10_000);
  const content = (body: string): MessageContent => ({
    messageId: "id",
    body,
    attributes: {},
    traceHeader: null,
    messageGroupId: null,
    messageDeduplicationId: null,
    deadLetterSourceArn: null,
  });
  for (let index = 0; index < 1_000; index++) cache.add(`k${index}`, content("x".repeat(200)));
  cache.remove("k998");
  const kept = Array.from({ length: 1_000 }, (_, index) => index).filter((index) => cache.get(`k${index}`));
  expect(kept.length).toBeGreaterThanOrEqual(9);
  expect(kept.length).toBeLessThanOrEqual(20);
  // The last ones, without a gap but for the one that was removed.
  expect([...kept, 998].sort()).toEqual(
    Array.from(kept.concat(998), (_, index) => 999 - kept.length + index),
  );
  cache.add("large", content("x".repeat(20_000)));
  expect(cache.get("large")).toBeUndefined();
});

describe("a receipt handle", () => {
  test("says what was put into it", () => {
    const handle = { queueId: 4_000_000_000, seq: 2 ** 47 + 1, receiveId: 2 ** 46 + 3 };
    expect(decodeReceiptHandle(encodeReceiptHandle(handle))).toEqual(handle);
  });

  test("with any character changed is none", () => {
    const good = encodeReceiptHandle({ queueId: 1, seq: 2, receiveId: 3 });
    for (let index = 0; index < good.length - 1; index++) {
      const other = good[index] === "A" ? "B" : "A";
      expect(decodeReceiptHandle(good.slice(0, index) + other + good.slice(index + 1))).toBeNull();
    }
  });
});

describe("records", () => {
  test("of a state come back as they were", () => {
    for (const groupId of [null, "g", "a,b,,c", "1"]) {
      const state = {
        sentAtMs: 1,
        receiveCount: 2,
        firstReceivedAtMs: 3,
        hiddenUntilMs: 4,
        receiveId: 5,
        held: true,
        groupId,
      };
      expect(decodeState(encodeState(state))).toEqual(state);
    }
  });

  test("of a state that make no sense are refused", () => {
    for (const text of ["", "1,2,3", "1,2,3,4,5", "x,2,3,4,5,0,g", "1,-2,3,4,5,0,g"]) {
      expect(() => decodeState(text)).toThrow("state reads");
    }
  });

  test("of a content come back as they were", () => {
    const plain: MessageContent = {
      messageId: "id",
      body: 'line\nline\n{"json":[]}\n',
      attributes: {},
      traceHeader: null,
      messageGroupId: null,
      messageDeduplicationId: null,
      deadLetterSourceArn: null,
    };
    const contents: MessageContent[] = [
      plain,
      { ...plain, traceHeader: "Root=1" },
      { ...plain, messageGroupId: "g" },
      { ...plain, messageDeduplicationId: "d" },
      { ...plain, deadLetterSourceArn: "arn" },
      {
        ...plain,
        body: "",
        attributes: {
          "queue-run": { dataType: "String.json", stringValue: "{\n}" },
          bytes: { dataType: "Binary", binaryValue: new Uint8Array([0, 128, 255]) },
        },
      },
    ];
    for (const content of contents) expect(decodeContent(encodeContent(content))).toEqual(content);
  });

  test("of a content keep an attribute named as a property that all objects have", () => {
    const attributes: MessageContent["attributes"] = Object.create(null);
    for (const name of ["__proto__", "constructor"])
      attributes[name] = { dataType: "String", stringValue: name };
    const content: MessageContent = {
      messageId: "id",
      body: "b",
      attributes,
      traceHeader: null,
      messageGroupId: null,
      messageDeduplicationId: null,
      deadLetterSourceArn: null,
    };
    expect(Object.entries(decodeContent(encodeContent(content)).attributes)).toEqual(
      Object.entries(attributes),
    );
  });
});
