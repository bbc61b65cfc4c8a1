import {
  CreateQueueCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { bindQueues } from "@queue-run/runtime/bind";
import { configureInstance } from "@queue-run/runtime/instance";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestServer } from "../../packages/cli/src/local-sqs/testing/start-test-server.js";
import { motoMissing, startMoto } from "../harness/moto.js";

const missing = motoMissing();
if (missing) console.log(`Pushing to moto is skipped: ${missing}`);

/** Servers of SQS's protocol that pushes must arrive at. */
type Place = { name: string; account: string; start(): Promise<{ endpoint: string; stop(): Promise<void> }> };
const LOCAL: Place = {
  name: "the local SQS",
  account: "000000000000",
  async start() {
    const { endpoint, close } = await startTestServer();
    return { endpoint, stop: close };
  },
};
const MOTO: Place = { name: "moto", account: "123456789012", start: startMoto };

const PAYLOADS: [string, unknown][] = [
  ["text that looks like JSON", '{"a":1}'],
  ["Unicode", { "naïve 🚀": ["\u2028", "日本語", '"quoted"\\'] }],
  ["characters that SQS refuses", "\u0000\u0008\ufffe\uffff"],
  ["bytes", Buffer.from([0, 159, 146, 150])],
  ["null", null],
  ["half a megabyte", "x".repeat(500_000)],
];

describe.each(missing ? [LOCAL] : [LOCAL, MOTO])(
  "pushes through our own client arrive at $name",
  ({ account, start }) => {
    let place: Awaited<ReturnType<Place["start"]>>;
    let sdk: SQSClient;
    const urls: Record<string, string> = {};
    const queues = bindQueues({ queue: "jobs", fifo: false });

    beforeAll(async () => {
      place = await start();
      const credentials = { accessKeyId: "local", secretAccessKey: "local" };
      sdk = new SQSClient({ endpoint: place.endpoint, region: "us-east-1", credentials });
      const fifo = {
        FifoQueue: "true",
        DeduplicationScope: "messageGroup",
        FifoThroughputLimit: "perMessageGroupId",
      };
      for (const [QueueName, Attributes] of [
        ["jobs", {}],
        ["orders.fifo", fifo],
      ] as const) {
        urls[QueueName] = (await sdk.send(new CreateQueueCommand({ QueueName, Attributes }))).QueueUrl ?? "";
      }
      const link = (name: string) => ({
        name,
        fifo: name.endsWith(".fifo"),
        physicalName: name,
        deadLetterPhysicalName: `${name}-dlq`,
        jobs: null,
        maxPayloadBytes: null,
        track: false,
      });
      configureInstance({
        project: "test",
        stage: "dev",
        queues: { jobs: link("jobs"), "orders.fifo": link("orders.fifo"), gone: link("gone") },
        sqs: {
          region: "us-east-1",
          endpoint: place.endpoint,
          credentials,
          queueUrlPrefix: `${place.endpoint}/${account}/`,
        },
        baseUrl: null,
        readableLogs: false,
      });
    });

    afterAll(async () => {
      configureInstance(null);
      sdk?.destroy();
      await place?.stop();
    });

    /** Receives and deletes until nothing is left. */
    async function receiveAll(queueName: string) {
      const QueueUrl = urls[queueName];
      const received = [];
      for (;;) {
        const request = {
          QueueUrl,
          MaxNumberOfMessages: 10,
          MessageAttributeNames: ["All"],
          AttributeNames: ["All" as const],
        };
        const { Messages = [] } = await sdk.send(new ReceiveMessageCommand(request));
        if (Messages.length === 0) return received;
        for (const message of Messages) {
          received.push(message);
          await sdk.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message.ReceiptHandle }));
        }
      }
    }

    test.each(PAYLOADS)("%s", async (_, payload) => {
      const jobId = await queues("jobs").push(payload);
      const [message] = await receiveAll("jobs");
      expect(message?.MessageId).toBe(jobId);
      const { kind } = JSON.parse(message?.MessageAttributes?.["queue-run"]?.StringValue ?? "");
      const body = message?.Body ?? "";
      const readers: Record<string, () => unknown> = {
        text: () => body,
        bytes: () => Buffer.from(body, "base64"),
      };
      expect((readers[kind] ?? (() => JSON.parse(body)))()).toEqual(payload);
    });

    test("a list, with its ids in order", async () => {
      const payloads = Array.from({ length: 57 }, (_, number) => ({ number }));
      const jobIds = await queues("jobs").pushAll(payloads);
      const received = new Map((await receiveAll("jobs")).map(({ MessageId, Body }) => [MessageId, Body]));
      expect(jobIds.map((jobId) => JSON.parse(received.get(jobId) ?? "null"))).toEqual(payloads);
    });

    test("FIFO pushes in order within their group, equal ones once", async () => {
      const orders = queues.get("orders.fifo");
      const payloads = Array.from({ length: 25 }, (_, number) => number);
      await Promise.all([orders.group("a").pushAll([...payloads, 3]), orders.group("b").pushAll(payloads)]);
      const received = await receiveAll("orders.fifo");
      for (const group of ["a", "b"]) {
        const ofGroup = received.filter(({ Attributes }) => Attributes?.MessageGroupId === group);
        expect(ofGroup.map(({ Body }) => Number(Body))).toEqual(payloads);
      }
    });

    test("a refused push has AWS's error as its cause", async () => {
      await expect(queues("gone").push(1)).rejects.toMatchObject({
        code: "QR_SEND_FAILED",
        cause: { name: "QueueDoesNotExist", status: 400 },
      });
    });
  },
);
