import { CreateQueueCommand } from "@aws-sdk/client-sqs";
import type { SQSEvent, SQSRecord } from "aws-lambda";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  startTestServer,
  type TestServer,
} from "../../packages/cli/src/local-sqs/testing/start-test-server.js";
import { type LocalQueues, sqsAt } from "../harness/local-queues.js";
import { type PackagedProject, packageProject } from "../harness/packaged-project.js";
import { createRicInstance, type RicInstance, ricMissing } from "../harness/ric.js";
import { makeProject, type TemporaryProject } from "../harness/temporary-project.js";

const missing = ricMissing();
if (missing) console.log(`Queues on Lambda's own runtime are skipped: ${missing}`);

const FILES = {
  "queues/jobs.ts": `
    import { queues } from "queue-run";
    import { explode } from "#lib/explode.js";
    export const config = { timeout: 1, retries: 4 };
    export default async function (payload, { jobId, attempt, signal }) {
      console.log("running", { payload, attempt });
      if (payload === "fail") explode("failed on purpose");
      if (payload === "hang") await new Promise(() => {});
      if (payload === "exit") process.exit(3);
      if (payload === "push") await queues("results").push({ from: jobId });
      if (payload === "forget") queues("no-such-queue").push({ from: jobId });
      if (payload === "text") console.log("seen at", new Error("here").stack);
    }`,
  "queues/results.ts": "export default () => {};",
  "queues/orders.fifo.ts": `
    export const config = { batchSize: 10, timeout: 5 };
    export default async (payload) => {
      console.log("ran", payload);
      if (payload.fail) throw new Error("order failed");
    };`,
  "queues/broken.ts": 'throw new Error("cannot be loaded"); export default () => {};',
  "lib/explode.ts": `
    export function explode(reason: string): never {
      throw new TypeError(reason);
    }`,
};

/** A message as Lambda's poller hands it over: recordings of event source mappings show its shape. */
function record(
  messageId: string,
  body: string,
  { group, receiveCount = 1 }: { group?: string; receiveCount?: number } = {},
): SQSRecord {
  const queue = group === undefined ? "app-test-jobs" : "app-test-orders.fifo";
  return {
    messageId,
    receiptHandle: `handle-of-${messageId}`,
    body,
    attributes: {
      ApproximateReceiveCount: String(receiveCount),
      SentTimestamp: "1768246275000",
      SenderId: "AIDAEXAMPLE",
      ApproximateFirstReceiveTimestamp: "1768246275100",
      ...(group === undefined
        ? {}
        : {
            SequenceNumber: "18900000000000000001",
            MessageGroupId: group,
            MessageDeduplicationId: messageId,
          }),
    },
    messageAttributes: {},
    md5OfBody: "",
    eventSource: "aws:sqs",
    eventSourceARN: `arn:aws:sqs:us-east-1:000000000000:${queue}`,
    awsRegion: "us-east-1",
  };
}

const eventOf = (...Records: SQSRecord[]): SQSEvent => ({ Records });

describe.skipIf(missing)("queues under AWS's runtime", () => {
  let project: TemporaryProject;
  let packaged: PackagedProject;
  let server: TestServer;
  let sqs: LocalQueues;
  const instances = new Map<string, RicInstance>();
  beforeAll(async () => {
    project = makeProject(FILES, { keep: true });
    packaged = await packageProject(project.folder);
    server = await startTestServer();
    sqs = sqsAt(server.endpoint, { prefix: "app-test-" });
    for (const name of ["jobs", "jobs-dlq", "results", "results-dlq", "broken", "broken-dlq"]) {
      await sqs.client.send(new CreateQueueCommand({ QueueName: `app-test-${name}` }));
    }
    for (const name of ["orders.fifo", "orders-dlq.fifo"]) {
      await sqs.client.send(
        new CreateQueueCommand({ QueueName: `app-test-${name}`, Attributes: { FifoQueue: "true" } }),
      );
    }
  });
  afterAll(async () => {
    for (const instance of instances.values()) instance.stop();
    sqs?.close();
    await server?.close();
    project.dispose();
  });

  function instanceOf(queue: string): RicInstance {
    const known = instances.get(queue);
    if (known) return known;
    const instance = createRicInstance({
      zip: packaged.zipOf(`queue:${queue}`),
      functionName: `app-test-queue-${queue.replaceAll(".", "-")}`,
      env: {
        AWS_ENDPOINT_URL_SQS: server.endpoint,
        QUEUE_RUN_PROJECT: "app",
        QUEUE_RUN_STAGE: "test",
        QUEUE_RUN_SQS_URL_PREFIX: `${server.endpoint}/000000000000/`,
      },
    });
    instances.set(queue, instance);
    return instance;
  }

  /** @returns ids of the messages that go back */
  async function failuresOf(queue: string, event: SQSEvent): Promise<string[]> {
    const { ok, body } = await instanceOf(queue).invoke(event);
    expect({ ok, body: body.toString() }).toMatchObject({ ok: true });
    const { batchItemFailures } = JSON.parse(body.toString("utf8"));
    return batchItemFailures.map(({ itemIdentifier }: { itemIdentifier: string }) => itemIdentifier);
  }

  it("answers which messages failed, and nothing else is in the answer", async () => {
    const { ok, body } = await instanceOf("jobs").invoke(
      eventOf(record("m1", "ok"), record("m2", "fail"), record("m3", "ok")),
    );
    expect(ok).toBe(true);
    expect(JSON.parse(body.toString())).toEqual({ batchItemFailures: [{ itemIdentifier: "m2" }] });
    expect(
      JSON.parse((await instanceOf("jobs").invoke(eventOf(record("m4", "ok")))).body.toString()),
    ).toEqual({
      batchItemFailures: [],
    });
  });

  it("logs one line of JSON for each console call, and stacks with the sources' places", async () => {
    await failuresOf("jobs", eventOf(record("logged", "fail")));
    await failuresOf("jobs", eventOf(record("text", "text")));
    const logs = instanceOf("jobs").jsonLogs();
    const own = { requestId: expect.any(String), queueName: "jobs", jobId: "logged", attempt: 1 };
    expect(logs).toContainEqual(
      expect.objectContaining({ ...own, level: "INFO", message: expect.stringContaining("running") }),
    );
    const failed = logs.find(({ jobId, level }) => jobId === "logged" && level === "WARN");
    expect(failed).toMatchObject({
      message: expect.stringMatching(/attempt 1 of 5.*retry in .*failed on purpose/),
    });
    const stack = (failed?.error as { stack?: string } | undefined)?.stack;
    expect(stack).toMatch(/lib\/explode\.ts:3:13\)/);
    expect(stack).toMatch(/queues\/jobs\.ts:7:\d+\)/);
    expect(logs.find(({ jobId }) => jobId === "text")?.message).toBeDefined();
    expect(logs.map(({ message }) => String(message)).join("\n")).toMatch(/seen at .*queues\/jobs\.ts:12:/s);
    expect(logs.filter(({ text }) => text !== undefined)).toEqual([]);
  });

  it("FIFO: only the later jobs of the failed one's group go back with it", async () => {
    const at = (id: string, group: string, payload = {}) => record(id, JSON.stringify(payload), { group });
    const event = eventOf(
      at("a1", "a"),
      at("b1", "b", { fail: true }),
      at("a2", "a"),
      at("b2", "b"),
      at("c1", "c"),
    );
    expect((await failuresOf("orders.fifo", event)).sort()).toEqual(["b1", "b2"]);
  });

  it("fails a job that takes too long, and lets the others be", async () => {
    expect(await failuresOf("jobs", eventOf(record("h1", "hang"), record("h2", "ok")))).toEqual(["h1"]);
    expect(await failuresOf("jobs", eventOf(record("h3", "ok")))).toEqual([]);
  });

  it("sends what a job pushed before it answers", async () => {
    expect(await failuresOf("jobs", eventOf(record("p1", "push")))).toEqual([]);
    const [message] = await sqs.take("results", 1);
    expect(JSON.parse(message?.Body ?? "")).toEqual({ from: "p1" });
  });

  it("fails a job whose push failed though nobody awaited it", async () => {
    const starts = instanceOf("jobs").starts();
    expect(await failuresOf("jobs", eventOf(record("f1", "forget"), record("f2", "ok")))).toEqual(["f1"]);
    expect(await failuresOf("jobs", eventOf(record("f3", "ok")))).toEqual([]);
    expect(instanceOf("jobs").starts()).toBe(starts);
  });

  it("puts a job that is out of attempts into the dead-letter queue, with its error's source", async () => {
    expect(await failuresOf("jobs", eventOf(record("d1", "fail", { receiveCount: 5 })))).toEqual([]);
    const [message] = await sqs.take("jobs-dlq", 1);
    expect(message?.Body).toBe("fail");
    const attributes = JSON.stringify(message?.MessageAttributes);
    expect(attributes).toContain("failed on purpose");
    expect(attributes).toContain("lib/explode.ts:3:13");
  });

  it("ends with the process when a handler ends it, and the next delivery starts another", async () => {
    const starts = instanceOf("jobs").starts();
    await expect(instanceOf("jobs").invoke(eventOf(record("e1", "exit")))).rejects.toThrow(
      "Runtime.ExitError",
    );
    expect(await failuresOf("jobs", eventOf(record("e2", "ok")))).toEqual([]);
    expect(instanceOf("jobs").starts()).toBe(starts + 1);
  });

  it("fails the delivery when the code cannot be loaded, and says why with the source's place", async () => {
    const { ok, body } = await instanceOf("broken").invoke(eventOf(record("x1", "ok")));
    expect(ok).toBe(false);
    expect(JSON.parse(body.toString())).toMatchObject({
      errorType: "Error",
      errorMessage: "cannot be loaded",
    });
    const told = instanceOf("broken")
      .jsonLogs()
      .filter(({ message }) => message === "cannot be loaded");
    expect(told).toHaveLength(1);
    expect(told).toContainEqual(
      expect.objectContaining({
        level: "ERROR",
        error: expect.objectContaining({ stack: expect.stringMatching(/queues\/broken\.ts:1:\d+/) }),
      }),
    );
  });
});
