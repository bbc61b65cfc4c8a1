import { describe, expect, test } from "vitest";
import { AwsError } from "../aws/aws-error.js";
import type { SqsClient } from "../aws/sqs-client.js";
import type { MessageToSend, SendMessageBatchOutput, SendMessageOutput } from "../aws/sqs-shapes.js";
import { createSendLane, type SendLane } from "./send-lane.js";

const MIB = 1_048_576;
type Request = { bodies: string[]; answer: (refuse?: string[]) => void; fail: (error: unknown) => void };

/** A client whose requests wait until the test answers them. */
function createManualSqs() {
  const requests: Request[] = [];
  const ask = <T>(bodies: string[], success: (refused: Set<string>) => T): Promise<T> =>
    new Promise((resolve, reject) => {
      const answer = (refuse: string[] = []): void => resolve(success(new Set(refuse)));
      requests.push({ bodies, answer, fail: reject });
    });
  const client = {
    sendMessage: ({ MessageBody }: MessageToSend) =>
      ask<SendMessageOutput>([MessageBody], () => ({ MessageId: `id-${MessageBody}` })),
    sendMessageBatch: ({ Entries }: { Entries: (MessageToSend & { Id: string })[] }) =>
      ask<SendMessageBatchOutput>(
        Entries.map((entry) => entry.MessageBody),
        (refused) => ({
          Successful: Entries.filter((entry) => !refused.has(entry.MessageBody)).map((entry) => ({
            Id: entry.Id,
            MessageId: `id-${entry.MessageBody}`,
          })),
          Failed: Entries.filter((entry) => refused.has(entry.MessageBody)).map((entry) => ({
            Id: entry.Id,
            Code: "InternalError",
            SenderFault: false,
            Message: "try again",
          })),
        }),
      ),
  } as unknown as SqsClient;
  return { client, requests };
}

function createLane(fifo: boolean) {
  const { client, requests } = createManualSqs();
  const slept: number[] = [];
  const lane = createSendLane({
    queueUrl: "http://127.0.0.1/q",
    fifo,
    client: async () => client,
    sleep: async (milliseconds) => {
      slept.push(milliseconds);
    },
  });
  return { lane, requests, slept };
}

/** Until everything that can happen without an answer has happened. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}

function send(lane: SendLane, body: string, { group = "", bytes = 100 } = {}): Promise<SendMessageOutput> {
  return lane.send({ MessageBody: body, ...(group && { MessageGroupId: group }) }, bytes);
}

describe("a standard queue's lane", () => {
  test("sends what one turn pushed together, ten to a request, in order", async () => {
    const { lane, requests } = createLane(false);
    const sent = Array.from({ length: 23 }, (_, index) => send(lane, String(index)));
    await settle();
    expect(requests.map(({ bodies }) => bodies.length)).toEqual([10, 10, 3]);
    expect(requests.flatMap(({ bodies }) => bodies)).toEqual(Array.from({ length: 23 }, (_, i) => String(i)));
    for (const request of requests) request.answer();
    expect((await Promise.all(sent)).map(({ MessageId }) => MessageId)).toEqual(
      Array.from({ length: 23 }, (_, index) => `id-${index}`),
    );
  });

  test("fills a request to 1 MiB and no further", async () => {
    const { lane, requests } = createLane(false);
    for (const [body, bytes] of [
      ["a", MIB - 10],
      ["b", 10],
      ["c", 1],
      ["d", MIB],
    ] as const) {
      void send(lane, body, { bytes });
    }
    await settle();
    expect(requests.map(({ bodies }) => bodies)).toEqual([["a", "b"], ["c"], ["d"]]);
  });

  test("has at most 16 requests under way, and goes on as they are answered", async () => {
    const { lane, requests } = createLane(false);
    const sent = Array.from({ length: 400 }, (_, index) => send(lane, String(index)));
    await settle();
    expect(requests).toHaveLength(16);
    requests[0]?.answer();
    await settle();
    expect(requests).toHaveLength(17);
    for (let index = 1; index < 40; index++) {
      requests[index]?.answer();
      await settle();
    }
    await Promise.all(sent);
    expect(requests).toHaveLength(40);
  });

  test("sends a refused entry again, alone and after a pause, and rejects it alone after three attempts", async () => {
    const { lane, requests, slept } = createLane(false);
    const results = Promise.allSettled(["a", "b", "c"].map((body) => send(lane, body)));
    await settle();
    requests[0]?.answer(["b", "c"]);
    await settle();
    expect(requests[1]?.bodies).toEqual(["b", "c"]);
    requests[1]?.answer(["b", "c"]);
    await settle();
    requests[2]?.answer(["b"]);
    expect(await results).toMatchObject([
      { status: "fulfilled", value: { MessageId: "id-a" } },
      { status: "rejected", reason: { name: "InternalError", message: "try again" } },
      { status: "fulfilled", value: { MessageId: "id-c" } },
    ]);
    expect(slept).toEqual([50, 100]);
    expect(requests).toHaveLength(3);
  });

  test("rejects what was in a request that failed, and sends the rest", async () => {
    const { lane, requests } = createLane(false);
    const results = Promise.allSettled(Array.from({ length: 11 }, (_, index) => send(lane, String(index))));
    await settle();
    requests[0]?.fail(new AwsError({ name: "AccessDenied", message: "no" }));
    requests[1]?.answer();
    const settled = await results;
    expect(settled.filter(({ status }) => status === "rejected")).toHaveLength(10);
    expect(settled[10]).toMatchObject({ status: "fulfilled" });
  });
});

describe("a FIFO queue's lane", () => {
  test("has one request at a time for a group, and several for several groups", async () => {
    const { lane, requests } = createLane(true);
    for (let index = 0; index < 12; index++) void send(lane, `a${index}`, { group: "a" });
    for (let index = 0; index < 12; index++) void send(lane, `b${index}`, { group: "b" });
    await settle();
    expect(requests.map(({ bodies }) => bodies)).toEqual([
      Array.from({ length: 10 }, (_, index) => `a${index}`),
      Array.from({ length: 10 }, (_, index) => `b${index}`),
    ]);
    requests[1]?.answer();
    await settle();
    expect(requests[2]?.bodies).toEqual(["b10", "b11"]);
    requests[0]?.answer();
    await settle();
    expect(requests[3]?.bodies).toEqual(["a10", "a11"]);
  });

  test("puts several groups into one request, each in order", async () => {
    const { lane, requests } = createLane(true);
    for (const [body, group] of [
      ["a0", "a"],
      ["b0", "b"],
      ["a1", "a"],
      ["c0", "c"],
    ] as const) {
      void send(lane, body, { group });
    }
    await settle();
    expect(requests.map(({ bodies }) => bodies)).toEqual([["a0", "a1", "b0", "c0"]]);
  });

  test("sends a refused entry before the group's next", async () => {
    const { lane, requests } = createLane(true);
    for (let index = 0; index < 12; index++) void send(lane, `a${index}`, { group: "a" });
    await settle();
    requests[0]?.answer(["a9"]);
    await settle();
    expect(requests[1]?.bodies).toEqual(["a9", "a10", "a11"]);
  });

  test("keeps every group's order and loses nothing, whatever is refused", async () => {
    const seed = Date.now() % 100_000;
    console.log(`send-lane: seed ${seed}`);
    const random = createRandom(seed);
    const { lane, requests } = createLane(true);
    const accepted: string[] = [];
    const sent: Promise<unknown>[] = [];
    const counts = new Map<string, number>();
    const refused = new Set<string>();
    let answered = 0;
    for (let step = 0; step < 300; step++) {
      for (let pushes = Math.floor(random() * 8); pushes > 0; pushes--) {
        const group = `g${Math.floor(random() * 5)}`;
        const number = counts.get(group) ?? 0;
        counts.set(group, number + 1);
        sent.push(send(lane, `${group}:${number}`, { group, bytes: Math.ceil(random() * 300_000) }));
      }
      await settle();
      const open = requests.slice(answered);
      const groupsInFlight = open.flatMap(({ bodies }) => [...new Set(bodies.map(groupOf))]);
      expect(new Set(groupsInFlight).size).toBe(groupsInFlight.length);
      for (const { bodies, answer } of open.slice(0, Math.ceil(random() * open.length))) {
        // A single message is accepted or fails as a whole: only batches have entries to refuse, and each but once here.
        const last =
          bodies.length > 1 && random() < 0.2 ? bodies.slice(-1).filter((body) => !refused.has(body)) : [];
        for (const body of last) refused.add(body);
        accepted.push(...bodies.filter((body) => !last.includes(body)));
        answer(last);
        answered++;
      }
    }
    for (; answered < requests.length || accepted.length < sent.length; answered++) {
      await settle();
      accepted.push(...(requests[answered]?.bodies ?? []));
      requests[answered]?.answer();
      await settle();
    }
    await Promise.all(sent);
    for (const [group, count] of counts) {
      const order = accepted.filter((body) => groupOf(body) === group);
      expect(order).toEqual(Array.from({ length: count }, (_, number) => `${group}:${number}`));
    }
  });
});

function groupOf(body: string): string {
  return body.split(":")[0] ?? "";
}

/** Mulberry32: small, seeded, good enough to vary a test. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
