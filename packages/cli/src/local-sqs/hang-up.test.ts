import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Broker } from "./broker/broker.js";
import { createBroker } from "./broker/create-broker.js";
import { createSeededRandom } from "./broker/random.js";
import { type SqsServer, startSqsServer } from "./server.js";

const ROUNDS = 300;
const AT_ONCE = 15;
/** To repeat a failure: QUEUE_RUN_TEST_SEED=… */
const seed = Number(process.env.QUEUE_RUN_TEST_SEED ?? Date.now() % 1_000_000);

/** A client that hangs up at a random moment around that at which its message comes. */
type Round = { order: "sent first" | "hung up first" | "message waiting"; reset: boolean; gapMs: number };

describe(`a client that hangs up (seed ${seed})`, () => {
  let broker: Broker;
  let server: SqsServer;
  const random = createSeededRandom(seed);
  beforeAll(async () => {
    broker = await createBroker();
    server = await startSqsServer({ broker, port: 0 });
  });
  afterAll(async () => {
    await server.close();
    await broker.close();
  });

  it(`holds no message and raises no receive count, ${ROUNDS} times`, async () => {
    const rounds = Array.from({ length: ROUNDS }, (_, index) => ({
      name: `q-${index}`,
      round: randomRound(),
    }));
    const lost: unknown[] = [];
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        for (let next = rounds.pop(); next !== undefined; next = rounds.pop()) {
          const { heard, delivery } = await play(next.name, next.round);
          if (heard) continue;
          const [message] = delivery.messages;
          if (message?.receiveCount !== 1) lost.push({ ...next, receiveCount: message?.receiveCount });
        }
      }),
    );
    expect(lost).toEqual([]);
  });

  it("waits on a connection that stays, whatever others do", async () => {
    await broker.createQueue("stays", {}, {});
    const staying = await openPoll("stays");
    for (let times = 0; times < 20; times++) (await openPoll("stays")).socket.destroy();
    await broker.send("stays", { body: "x" });
    await expect.poll(staying.heard).toBe(true);
    staying.socket.destroy();
  });

  function randomRound(): Round {
    const orders = ["sent first", "hung up first", "message waiting"] as const;
    return {
      order: orders[Math.floor(random.next() * orders.length)] ?? "sent first",
      reset: random.next() < 0.5,
      gapMs: random.next() < 0.4 ? 0 : random.next() * 4,
    };
  }

  /** Plays a round on a queue of its own; then receives what must be there, unless the client heard of it. */
  async function play(name: string, { order, reset, gapMs }: Round) {
    await broker.createQueue(name, {}, {});
    if (order === "message waiting") await broker.send(name, { body: name });
    const poll = await openPoll(name);
    const hangUp = async () => void (reset ? poll.socket.resetAndDestroy() : poll.socket.destroy());
    if (order === "message waiting") {
      if (gapMs > 0) await sleep(gapMs);
      await hangUp();
    } else {
      await sleep(2);
      const send = async () => void (await broker.send(name, { body: name }));
      const [first, second] = order === "sent first" ? [send, hangUp] : [hangUp, send];
      await Promise.all([first(), gapMs > 0 ? sleep(gapMs).then(() => second()) : second()]);
    }
    const heard = poll.heard();
    const delivery = await broker.receive(name, { maxMessages: 10, waitTimeSeconds: heard ? 0 : 2 });
    return { heard, delivery };
  }

  /** A long poll on a connection of its own; `heard` tells whether its answer came before it was destroyed. */
  async function openPoll(name: string): Promise<{ socket: Socket; heard(): boolean }> {
    const socket = connect({ port: server.port, host: "127.0.0.1", noDelay: true });
    let answer = "";
    socket.on("data", (chunk) => {
      answer += chunk;
    });
    socket.on("error", () => {});
    await new Promise((resolve) => socket.once("connect", resolve));
    const body = JSON.stringify({ QueueUrl: name, WaitTimeSeconds: 20, VisibilityTimeout: 600 });
    socket.write(
      `POST / HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nX-Amz-Target: AmazonSQS.ReceiveMessage\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    return { socket, heard: () => answer.includes('"Messages"') };
  }
});
