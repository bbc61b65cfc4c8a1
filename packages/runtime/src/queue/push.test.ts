import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { configureInstance } from "../config/instance.js";
import { QueueRunError } from "../errors/queue-run-error.js";
import { decodeEnvelope } from "./envelope.js";
import { decodePayload } from "./payload.js";
import { bindQueues } from "./queues.js";
import {
  configureQueues,
  md5,
  type RecordingSqs,
  startRecordingSqs,
  successOf,
} from "./testing/recording-sqs.js";

const queues = bindQueues({ queue: "emails", fifo: false });
let sqs: RecordingSqs;

beforeEach(async () => {
  sqs = await startRecordingSqs();
  configureQueues(sqs.endpoint, {
    emails: { jobs: ["default", "welcome"], maxPayloadBytes: null },
    "orders.fifo": { jobs: ["default", "refund"] },
    tracked: { track: true },
    small: { maxPayloadBytes: 10 },
  });
});

afterEach(async () => {
  configureInstance(null);
  await sqs.stop();
});

/** What a push rejects with. */
async function errorOf(push: Promise<unknown>): Promise<QueueRunError> {
  try {
    await push;
  } catch (error) {
    expect(error).toBeInstanceOf(QueueRunError);
    return error as QueueRunError;
  }
  throw new Error("The push was not refused");
}

function envelopeOf(index = 0) {
  const value = sqs.messages()[index]?.MessageAttributes?.["queue-run"]?.StringValue;
  const envelope = decodeEnvelope(value);
  if (!envelope) throw new Error(`Message ${index} has no envelope`);
  return envelope;
}

function payloadOf(index = 0): unknown {
  return decodePayload(sqs.messages()[index]?.MessageBody ?? "", envelopeOf(index).payloadKind);
}

describe("what a push sends", () => {
  test("the payload as the body, and the id that SQS gave as the result", async () => {
    expect(await queues("emails").push({ to: "ann@example.com" })).toBe("m1");
    expect(sqs.calls[0]).toMatchObject({
      operation: "SendMessage",
      input: { QueueUrl: `${sqs.endpoint}/000000000000/emails`, MessageBody: '{"to":"ann@example.com"}' },
    });
  });

  test("null when it is called without a payload, but not when it is called with undefined", async () => {
    await queues("emails").push();
    await (queues("emails") as unknown as () => Promise<string>)();
    expect([payloadOf(0), payloadOf(1)]).toEqual([null, null]);
    expect((await errorOf(queues("emails").push(undefined))).code).toBe("QR_INVALID_PAYLOAD");
  });

  test.each([
    ["a string that looks like JSON", '{"a":1}'],
    ["a string with characters that SQS refuses", "\u0000 \u000b \ufffe \uffff \ud800 \udfff end"],
    ["a string beyond the basic plane", "naïve 🚀 \u2028"],
    ["bytes", Buffer.from([0, 1, 255, 128])],
    ["no bytes", Buffer.alloc(0)],
    ["a number", 1.5],
    ["false", false],
    ["an object with odd keys", { "\uffff": ["\u0001"], __proto__x: null }],
  ])("%s, which arrives as it was sent", async (_, payload) => {
    await queues("emails").push(payload);
    expect(payloadOf()).toEqual(payload);
  });

  test("a payload as it was when it was pushed, whatever happens to it later", async () => {
    const payload = { status: "new" };
    const bytes = Buffer.from("new");
    const pushes = [queues("emails").push(payload), queues("emails").push(bytes)];
    payload.status = "changed";
    bytes.write("old");
    await Promise.all(pushes);
    expect([payloadOf(0), payloadOf(1)]).toEqual([{ status: "new" }, Buffer.from("new")]);
  });

  test("only the first argument when the reference itself is called", async () => {
    await Promise.all(["a", "b"].map(queues("emails")));
    expect(sqs.messages().map(({ MessageBody }) => MessageBody)).toEqual(["a", "b"]);
  });

  test("its options, of the chain and of the call alike", async () => {
    await queues("emails").group("tenant-1").job("welcome").delay("2m").push(1);
    await queues("emails").push(1, {
      group: "tenant-1",
      job: "welcome",
      delay: 120,
      retries: 9,
      backoff: "linear",
      backoffDelay: "1500ms",
    });
    const [first, second] = sqs.messages();
    expect(first).toMatchObject({ MessageGroupId: "tenant-1", DelaySeconds: 120 });
    expect(second).toMatchObject({ MessageGroupId: "tenant-1", DelaySeconds: 120 });
    expect(envelopeOf(0)).toMatchObject({ job: "welcome", retries: null, backoff: null });
    expect(envelopeOf(1)).toMatchObject({
      job: "welcome",
      retries: 9,
      backoff: "linear",
      backoffDelaySeconds: 2,
    });
  });

  test("an option that is undefined leaves the chain's alone, and another replaces it", async () => {
    const queue = queues("emails").group("a").delay(60);
    await queue.push(1, { group: undefined, at: new Date(0) });
    expect(sqs.messages()[0]).toMatchObject({ MessageGroupId: "a" });
    expect(sqs.messages()[0]).not.toHaveProperty("DelaySeconds");
  });

  test("the same after another reference was derived: references do not change", async () => {
    const queue = queues("emails");
    queue.group("a").delay(5);
    await queue.push(1);
    expect(sqs.messages()[0]).not.toHaveProperty("MessageGroupId");
    expect(Object.isFrozen(queue)).toBe(true);
  });
});

describe("a FIFO queue", () => {
  const orders = queues("orders.fifo");

  test("gets a deduplication id that depends on payload, job and group only", async () => {
    const group = orders.group("a");
    await group.pushAll([{ id: 1 }, { id: 1 }, { id: 2 }]);
    await group.push({ id: 1 }, { job: "refund" });
    await orders.group("b").push({ id: 1 });
    const [first, same, otherPayload, otherJob, otherGroup] = sqs
      .messages()
      .map((m) => m.MessageDeduplicationId);
    expect(first).toMatch(/^[0-9a-f]{64}$/);
    expect(same).toBe(first);
    expect(new Set([first, otherPayload, otherJob, otherGroup]).size).toBe(4);
  });

  test("gets the user's id as it is, and a fresh one each time for dedupe(false)", async () => {
    await orders.group("a").dedupe("order-7").push(1);
    await orders.group("a").dedupe(false).pushAll([1, 1]);
    const [given, ...random] = sqs.messages().map((m) => m.MessageDeduplicationId);
    expect(given).toBe("order-7");
    expect(new Set(random).size).toBe(2);
  });

  test("takes 128 characters of punctuation as group and deduplication id", async () => {
    const id = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~".padEnd(128, "x");
    await orders.push(1, { group: id, dedupe: id });
    expect(sqs.messages()[0]).toMatchObject({ MessageGroupId: id, MessageDeduplicationId: id });
  });
});

describe("what is refused, before any call", () => {
  afterEach(() => expect(sqs.calls).toEqual([]));

  test("a queue that does not exist, with the nearest name", async () => {
    const error = await errorOf(queues.get("emials").push(1));
    expect(error).toMatchObject({ code: "QR_QUEUE_NOT_FOUND", details: { nearest: "emails" } });
    expect(error.fix).toContain('"emails"');
    expect((await errorOf(queues.get("toString").push(1))).code).toBe("QR_QUEUE_NOT_FOUND");
  });

  test("a job that does not exist, with the nearest name", async () => {
    const error = await errorOf(queues("emails").job("welcom").push(1));
    expect(error).toMatchObject({ code: "QR_JOB_NOT_FOUND", details: { nearest: "welcome" } });
  });

  test.each([
    ["undefined", undefined, "", "undefined"],
    ["an empty string", "", "", "an empty string"],
    ["a function", { a: [{ b: () => 1 }] }, "a[0].b", "a function"],
    ["a bigint", [1, 2n], "[1]", "a bigint"],
    ["a Map", { "odd key": new Map() }, '["odd key"]', "a Map"],
    ["a Set", { deep: { er: new Set([1]) } }, "deep.er", "a Set"],
    ["a symbol", { s: Symbol("x") }, "s", "a symbol"],
    ["NaN", [Number.NaN], "[0]", "NaN"],
    ["undefined in an array", [[undefined]], "[0][0]", "undefined"],
    [
      "bytes within",
      { file: Buffer.from("x") },
      "file",
      "bytes (a Buffer or Uint8Array can be pushed by itself only)",
    ],
    ["a promise", { later: Promise.resolve(1) }, "later", "a Promise (await it first)"],
    ["an invalid date", { at: new Date(Number.NaN) }, "at", "an invalid Date"],
  ])("%s, with its path", async (_, payload, path, what) => {
    const error = await errorOf(queues("emails").push(payload));
    expect(error).toMatchObject({ code: "QR_INVALID_PAYLOAD", details: { path, what } });
    expect(error.message).toContain(what);
  });

  test("a circular value, with the path of the circle", async () => {
    const circular: Record<string, unknown> = { list: [{}] };
    (circular.list as object[]).push({ back: circular });
    const error = await errorOf(queues("emails").push(circular));
    expect(error).toMatchObject({
      code: "QR_INVALID_PAYLOAD",
      details: { path: "list[1].back", what: "circular" },
    });
  });

  test("a value that is nested too deeply for JSON", async () => {
    let deep: unknown = 1;
    for (let level = 0; level < 100_000; level++) deep = [deep];
    expect((await errorOf(queues("emails").push(deep))).code).toBe("QR_INVALID_PAYLOAD");
  });

  test("a payload over the queue's own limit", async () => {
    const error = await errorOf(queues("small").push("12345678901"));
    expect(error).toMatchObject({ code: "QR_PAYLOAD_TOO_LARGE", details: { bytes: 11, limit: 10 } });
  });

  test.each([
    ["a FIFO push without a group", () => queues.get("orders.fifo").push(1), "QR_GROUP_REQUIRED"],
    ["dedupe on a standard queue", () => queues.get("emails").push(1, { dedupe: "x" }), "QR_DEDUPE_NOT_FIFO"],
    ["an empty group", () => queues("emails").group("").push(1), "QR_INVALID_GROUP"],
    ["a group with a space", () => queues("emails").group("a b").push(1), "QR_INVALID_GROUP"],
    ["a group of 129 characters", () => queues("emails").group("x".repeat(129)).push(1), "QR_INVALID_GROUP"],
    [
      "a group that is no text",
      () =>
        queues("emails")
          .group({} as never)
          .push(1),
      "QR_INVALID_GROUP",
    ],
    [
      "a deduplication id with a letter beyond ASCII",
      () => queues("orders.fifo").group("a").dedupe("é").push(1),
      "QR_INVALID_DEDUPE",
    ],
    [
      "dedupe(true)",
      () =>
        queues("orders.fifo")
          .group("a")
          .dedupe(true as never)
          .push(1),
      "QR_INVALID_DEDUPE",
    ],
    ["a tag without records", () => queues("emails").tag("a").push(1), "QR_NOT_TRACKED"],
    ["a tag of 201 characters", () => queues("tracked").tag("x".repeat(201)).push(1), "QR_INVALID_TAG"],
    ["a negative delay", () => queues("emails").delay(-1).push(1), "QR_INVALID_DELAY"],
    [
      "a delay that is no duration",
      () =>
        queues("emails")
          .delay("soon" as never)
          .push(1),
      "QR_INVALID_DELAY",
    ],
    [
      "delay and at together",
      () => queues("emails").push(1, { delay: 1, at: new Date() }),
      "QR_INVALID_DELAY",
    ],
    ["a date that is none", () => queues("emails").at("tomorrow").push(1), "QR_INVALID_DATE"],
    ["the 30th of February", () => queues("emails").at("2027-02-30T00:00:00Z").push(1), "QR_INVALID_DATE"],
    ["an invalid Date", () => queues("emails").at(new Date("x")).push(1), "QR_INVALID_DATE"],
    ["a delay over a year", () => queues("emails").delay("366d").push(1), "QR_DELAY_TOO_LONG"],
    ["retries beyond 90", () => queues("emails").push(1, { retries: 91 }), "QR_INVALID_PUSH_OPTION"],
    [
      "an unknown backoff",
      () => queues("emails").push(1, { backoff: "x" as never }),
      "QR_INVALID_PUSH_OPTION",
    ],
    ["a list that is none", () => queues("emails").pushAll(5 as never), "QR_INVALID_PAYLOAD"],
  ])("%s", async (_, push, code) => {
    const error = await errorOf(push());
    expect(error.code).toBe(code);
    expect(error.fix).toBeTruthy();
  });

  test("all of pushAll when one payload is refused, with its index", async () => {
    const error = await errorOf(queues("emails").pushAll([{ ok: 1 }, { bad: () => 1 }]));
    expect(error).toMatchObject({ code: "QR_INVALID_PAYLOAD", details: { index: 1, path: "bad" } });
    expect(error.message).toContain("Item 1");
  });

  test("what needs the records of jobs", async () => {
    const queue = queues("emails");
    for (const call of [queue.cancel("tag"), queue.status("id"), queue.result("id")]) {
      expect((await errorOf(call)).code).toBe("QR_NOT_TRACKED");
    }
    expect((await errorOf(queues("tracked").status("id"))).code).toBe("QR_NO_RECORDS_TABLE");
    expect((await errorOf(queues.cancel("tag"))).code).toBe("QR_NO_RECORDS_TABLE");
    configureQueues(sqs.endpoint, { emails: {} });
    expect((await errorOf(queues.cancel("tag"))).message).toContain("no queue of this project");
    expect((await errorOf(queue.statusHttp({ params: { jobId: "id" } } as never))).code).toBe(
      "QR_NOT_TRACKED",
    );
  });

  test("a push outside of a project, and queues.self() outside of a queue's file", async () => {
    expect((await errorOf(bindQueues({ queue: null, fifo: false }).self().push(1))).code).toBe(
      "QR_NOT_A_QUEUE",
    );
    configureInstance(null);
    expect((await errorOf(queues("emails").push(1))).code).toBe("QR_NO_PROJECT");
  });
});

describe("how large a push may be", () => {
  const LIMIT = 1_048_576;
  const OVERHEAD = "queue-run".length + "String".length + '{"kind":"text"}'.length;

  test("1 MiB with the envelope goes", async () => {
    await queues("emails").push("é".repeat(10) + "x".repeat(LIMIT - OVERHEAD - 20));
    expect(sqs.calls).toHaveLength(1);
  });

  test("a byte more is refused with size and limit, and nothing is sent", async () => {
    const error = await errorOf(queues("emails").push("é".repeat(10) + "x".repeat(LIMIT - OVERHEAD - 19)));
    expect(error).toMatchObject({
      code: "QR_PAYLOAD_TOO_LARGE",
      details: { bytes: LIMIT + 1, limit: LIMIT },
    });
    expect(error.message).toContain("1048577");
    expect(sqs.calls).toHaveLength(0);
  });
});

describe("queues.self with a schema", () => {
  const slow = z.object({ id: z.number() }).refine(async () => true);

  test("sends the payload as it is, and refuses what fails with the issues", async () => {
    const queue = queues.self({ schema: z.object({ id: z.coerce.number() }) });
    await queue.push({ id: "7" });
    expect(payloadOf()).toEqual({ id: "7" });
    const error = await errorOf(queue.push({ id: "seven" }));
    expect(error).toMatchObject({ code: "QR_PAYLOAD_SCHEMA", details: { issues: [{ path: ["id"] }] } });
    expect(error.message).toContain("id:");
    expect(sqs.calls).toHaveLength(1);
  });

  test("keeps the order of pushes while an asynchronous schema takes its time", async () => {
    const checked = queues.self({ schema: slow });
    const pushes = [checked.push({ id: 1 }), queues("emails").push("second"), checked.push({ id: 3 })];
    await Promise.all(pushes);
    expect([payloadOf(0), payloadOf(1), payloadOf(2)]).toEqual([{ id: 1 }, "second", { id: 3 }]);
  });

  test("an asynchronous refusal does not hold up the next push", async () => {
    const checked = queues.self({ schema: slow });
    const refused = errorOf(checked.push({ id: "x" } as never));
    await checked.push({ id: 2 });
    expect((await refused).code).toBe("QR_PAYLOAD_SCHEMA");
    expect(sqs.messages()).toHaveLength(1);
  });
});

describe("a send that fails", () => {
  test("rejects with AWS's error as the cause", async () => {
    sqs.answerWith((_, response) => {
      response.writeHead(400, {
        "x-amzn-query-error": "AWS.SimpleQueueService.NonExistentQueue;Sender",
        "x-amzn-requestid": "request-1",
      });
      response.end('{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"The queue is gone"}');
      return true;
    });
    const error = await errorOf(queues("emails").push(1));
    expect(error).toMatchObject({
      code: "QR_SEND_FAILED",
      cause: { name: "QueueDoesNotExist", requestId: "request-1", status: 400 },
    });
    expect(error.message).toContain("The queue is gone");
  });

  test("rejects only the entries of a batch that SQS refuses again and again", async () => {
    sqs.answerWith((call, response) => {
      const entries = call.input.Entries ?? [];
      const refused = entries.filter((entry) => entry.MessageBody === "bad");
      if (!call.input.Entries) {
        response.writeHead(400, { "x-amzn-query-error": "InvalidParameterValue;Sender" });
        response.end('{"__type":"x","message":"still bad"}');
        return true;
      }
      const Failed = refused.map(({ Id }) => ({ Id, Code: "InternalError", SenderFault: false }));
      const ok = { ...call, input: { ...call.input, Entries: entries.filter((e) => !refused.includes(e)) } };
      response.end(JSON.stringify({ ...successOf(ok, () => md5("id")), Failed }));
      return true;
    });
    const results = await Promise.allSettled(["a", "bad", "b"].map(queues("emails")));
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  });

  test("of some of pushAll tells which were sent", async () => {
    sqs.answerWith(({ input }, response) => {
      if (input.Entries) return false;
      response.writeHead(400, {}).end("{}");
      return true;
    });
    const error = await errorOf(queues("emails").pushAll(Array.from({ length: 11 }, (_, index) => index)));
    expect(error.code).toBe("QR_SEND_FAILED");
    expect(error.details?.jobIds).toEqual([
      ...Array.from({ length: 10 }, (_, index) => `m${index + 1}`),
      null,
    ]);
  });
});

describe("a reference", () => {
  test("says its name, is no payload's property bag, and is made without throwing", () => {
    const queue = queues("orders.fifo");
    expect([queue.name, String(queue), queue.fifo]).toEqual(["orders.fifo", "orders.fifo", true]);
    expect([queues("emails").fifo, queues.self().name]).toEqual([false, "emails"]);
    expect(() =>
      queues
        .get("no such queue!")
        .group(Number.NaN)
        .delay("x" as never)
        .at("y")
        .tag(""),
    ).not.toThrow();
  });

  test("of a handler gives the handler back", () => {
    const handler = async (): Promise<void> => {};
    expect(queues("emails").handler(handler)).toBe(handler);
  });
});
