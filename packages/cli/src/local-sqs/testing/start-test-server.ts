import { createTestClock, type TestClock } from "../../clock/test-clock.js";
import type { Broker } from "../broker/broker.js";
import { createBroker } from "../broker/create-broker.js";
import { startSqsServer } from "../server.js";
import { createQueryClient } from "./query-client.js";
import { createSdkClient } from "./sdk-client.js";
import type { Answer, Refusal, WireClient } from "./wire-client.js";

export type WireName = "JSON" | "query";

/** A server on a broker of its own whose time stands still until the test moves it. */
export type TestServer = {
  wire: WireName;
  broker: Broker;
  clock: TestClock;
  port: number;
  endpoint: string;
  call(action: string, input: Record<string, unknown>): Promise<Answer>;
  refusal(action: string, input: Record<string, unknown>): Promise<Refusal>;
  /** Makes a queue; its name ends in .fifo for a FIFO queue. Returns its URL. */
  createQueue(name: string, attributes?: Record<string, string>): Promise<string>;
  /** The ARN of the queue with this URL. */
  arnOf(queueUrl: string): string;
  /** Bodies that one receive gives. */
  bodies(queueUrl: string, input?: Record<string, unknown>): Promise<string[]>;
  /** Resolves when that many receives have come in altogether. */
  received(count: number): Promise<void>;
  close(): Promise<void>;
};

/** Starts a server and a client of the protocol. Close it at the end of the test. */
export async function startTestServer(wire: WireName = "JSON"): Promise<TestServer> {
  const clock = createTestClock();
  const broker = await createBroker({ clock });
  const receives = countReceives(broker);
  const server = await startSqsServer({ broker: receives.broker, port: 0 });
  const endpoint = `http://127.0.0.1:${server.port}`;
  const client: WireClient = wire === "JSON" ? createSdkClient(endpoint) : createQueryClient(endpoint);
  const { call, refusal } = client;
  return {
    wire,
    broker,
    clock,
    port: server.port,
    endpoint,
    call,
    refusal,
    async createQueue(name, attributes) {
      const fifo = name.endsWith(".fifo") ? { FifoQueue: "true" } : {};
      const { QueueUrl } = await call("CreateQueue", {
        QueueName: name,
        Attributes: { ...fifo, ...attributes },
      });
      return QueueUrl ?? "";
    },
    arnOf: (queueUrl) =>
      `arn:aws:sqs:us-east-1:000000000000:${queueUrl.slice(queueUrl.lastIndexOf("/") + 1)}`,
    async bodies(queueUrl, input) {
      const { Messages = [] } = await call("ReceiveMessage", {
        QueueUrl: queueUrl,
        MaxNumberOfMessages: 10,
        ...input,
      });
      return Messages.map(({ Body = "" }) => Body);
    },
    received: receives.reached,
    async close() {
      client.close();
      await server.close();
      await broker.close();
    },
  };
}

/** A test that moves the clock under a long poll must know that the poll has begun. */
function countReceives(broker: Broker): { broker: Broker; reached(count: number): Promise<void> } {
  let receives = 0;
  let waiting: { count: number; resolve: () => void }[] = [];
  const receive: Broker["receive"] = (...parameters) => {
    const answer = broker.receive(...parameters);
    receives++;
    for (const { count, resolve } of waiting) if (count <= receives) resolve();
    waiting = waiting.filter(({ count }) => count > receives);
    return answer;
  };
  return {
    broker: { ...broker, receive },
    reached: (count) =>
      new Promise((resolve) => {
        if (receives >= count) resolve();
        else waiting.push({ count, resolve });
      }),
  };
}
