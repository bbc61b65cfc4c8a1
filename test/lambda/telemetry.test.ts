import { CreateQueueCommand } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  startTestServer,
  type TestServer,
} from "../../packages/cli/src/local-sqs/testing/start-test-server.js";
import { httpEvent } from "../harness/http-event.js";
import { type LocalQueues, sqsAt } from "../harness/local-queues.js";
import { type PackagedProject, packageProject } from "../harness/packaged-project.js";
import { createRicInstance, type RicInstance, ricMissing } from "../harness/ric.js";
import { toSqsRecord } from "../harness/sqs-record.js";
import { makeProject, type TemporaryProject } from "../harness/temporary-project.js";

const missing = ricMissing();
if (missing) console.log(`Traces on Lambda's own runtime are skipped: ${missing}`);

const FILES = {
  "api/index.ts": 'import { queue } from "#queues/first.js"; export const post = queue.http;',
  "queues/first.ts": `
    import { queues } from "queue-run";
    export const queue = queues.self<{ n: number }>();
    export default async () => {
      console.log("first runs", { headers: { authorization: "Bearer s3cret" } });
      await queues.get("second").push({ n: 2 });
    };`,
  "queues/second.ts": `
    export const config = { retries: 1 };
    export default () => {
      console.log("second runs");
      throw new Error("second failed");
    };`,
};

/** A project that has OpenTelemetry, whose spans are lines of the log, exported a while after they ended. */
const WITH_OPEN_TELEMETRY = {
  ...FILES,
  "package.json": JSON.stringify({
    name: "app",
    type: "module",
    dependencies: { "@opentelemetry/api": "*", "@opentelemetry/sdk-trace-node": "*" },
  }),
  "index.ts": `
    import { BatchSpanProcessor, NodeTracerProvider } from "@opentelemetry/sdk-trace-node";
    const exporter = {
      export(spans, done) {
        for (const span of spans)
          process.stdout.write(JSON.stringify({ span: span.name, id: span.spanContext().spanId, trace: span.spanContext().traceId, parent: span.parentSpanContext?.spanId }) + "\\n");
        done({ code: 0 });
      },
      async shutdown() {},
    };
    new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(exporter, { scheduledDelayMillis: 600_000 })] }).register();`,
};

const TRACE = "5759e988bd862e3fe1be46a994272793";
const TRACEPARENT = `00-${TRACE}-53995c3f42cd8ad8-01`;

describe.skipIf(missing)("one trace under AWS's runtime", () => {
  let server: TestServer;
  let sqs: LocalQueues;
  const projects: TemporaryProject[] = [];
  const instances: RicInstance[] = [];
  beforeAll(async () => {
    server = await startTestServer();
    sqs = sqsAt(server.endpoint, { prefix: "app-test-" });
    for (const name of ["first", "first-dlq", "second", "second-dlq"])
      await sqs.client.send(new CreateQueueCommand({ QueueName: `app-test-${name}` }));
  });
  afterAll(async () => {
    for (const instance of instances) instance.stop();
    for (const project of projects) project.dispose();
    sqs?.close();
    await server?.close();
  });

  async function deploy(files: Record<string, string>, packages: string[] = []): Promise<PackagedProject> {
    const project = makeProject(files, { keep: true, packages });
    projects.push(project);
    return packageProject(project.folder);
  }

  function instanceOf({ zipOf }: PackagedProject, id: string, env: Record<string, string> = {}): RicInstance {
    const instance = createRicInstance({
      zip: zipOf(id),
      functionName: `app-test-${id.replace(":", "-")}`,
      env: {
        AWS_ENDPOINT_URL_SQS: server.endpoint,
        QUEUE_RUN_PROJECT: "app",
        QUEUE_RUN_STAGE: "test",
        QUEUE_RUN_SQS_URL_PREFIX: `${server.endpoint}/000000000000/`,
        ...env,
      },
    });
    instances.push(instance);
    return instance;
  }

  /** A request that pushes a job that pushes a job: each in an instance of its own function. */
  async function runChain(packaged: PackagedProject, headers: Record<string, string>) {
    const [api, first, second] = ["api", "queue:first", "queue:second"].map((id) =>
      instanceOf(packaged, id),
    ) as [RicInstance, RicInstance, RicInstance];
    const event = httpEvent({
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: '{"n":1}',
    });
    expect(await api.invoke(event)).toMatchObject({ ok: true });
    for (const [queue, instance] of [
      ["first", first],
      ["second", second],
    ] as const) {
      const [message] = await sqs.take(queue, 1);
      const record = toSqsRecord(`arn:aws:sqs:us-east-1:000000000000:app-test-${queue}`, message ?? {});
      expect(await instance.invoke({ Records: [record] })).toMatchObject({ ok: true });
    }
    return { api, first, second };
  }

  it("names the trace in each line, hides secrets, and writes one line of metrics for each invocation", async () => {
    const packaged = await deploy(FILES);
    const { first, second } = await runChain(packaged, { traceparent: TRACEPARENT });
    const ran = first.jsonLogs().find(({ message }) => String(message).startsWith("first runs"));
    expect(ran).toMatchObject({ level: "INFO", queueName: "first", attempt: 1, traceId: TRACE });
    expect(first.logs().join("\n")).not.toContain("s3cret");
    expect(second.jsonLogs().filter(({ traceId }) => traceId === TRACE)).toMatchObject([
      { message: "second runs" },
      { level: "WARN", message: expect.stringContaining("second failed") },
    ]);
    const metricsOf = (instance: RicInstance) => instance.jsonLogs().filter((line) => "_aws" in line);
    expect(metricsOf(first)).toMatchObject([
      { Project: "app", Stage: "test", Queue: "first", Jobs: 1, Failures: 0 },
    ]);
    expect(metricsOf(second)).toMatchObject([
      { Queue: "second", Jobs: 1, Failures: 1, Duration: [expect.any(Number)] },
    ]);
  });

  it("takes the trace that a function URL names where the client names none", async () => {
    const { second } = await runChain(await deploy(FILES), {});
    const ran = second.jsonLogs().find(({ message }) => message === "second runs");
    expect(ran?.traceId).toBe("65a1b2c30123456789abcdef01234567");
  });

  it("makes spans with the project's OpenTelemetry, in the bundle, and sends them before it answers", async () => {
    const packaged = await deploy(WITH_OPEN_TELEMETRY, [
      "@opentelemetry/api",
      "@opentelemetry/sdk-trace-node",
    ]);
    const { api, first, second } = await runChain(packaged, { traceparent: TRACEPARENT });
    const spans = [api, first, second].flatMap((instance) =>
      instance.jsonLogs().filter(({ span }) => span !== undefined),
    );
    // A child ends, and is exported, before its parent.
    expect(spans.map(({ span }) => span)).toEqual([
      "send first",
      "POST /",
      "send second",
      "process first",
      "process second",
    ]);
    expect(new Set(spans.map(({ trace }) => trace))).toEqual(new Set([TRACE]));
    const idOf = (name: string) => spans.find(({ span }) => span === name)?.id;
    expect(spans.map(({ parent }) => parent)).toEqual([
      idOf("POST /"),
      "53995c3f42cd8ad8",
      idOf("process first"),
      idOf("send first"),
      idOf("send second"),
    ]);
  });

  it("loads index.ts and waits for its warmup once, and for its listeners each time, before it answers", async () => {
    const packaged = await deploy({
      "index.ts": `
        import { logger } from "queue-run";
        const later = () => new Promise((resolve) => setTimeout(resolve, 50));
        export async function warmup() {
          await later();
          console.log("warm");
        }
        logger.on("jobFinished", async ({ jobId }) => {
          await later();
          console.log("heard of " + jobId);
        });
        logger.on("jobFinished", () => {
          throw new Error("a broken listener");
        });`,
      "queues/first.ts": 'export default () => console.log("ran");',
    });
    const instance = instanceOf(packaged, "queue:first");
    for (const messageId of ["m1", "m2"]) {
      const Attributes = { ApproximateReceiveCount: "1", SentTimestamp: "0" };
      const message = { MessageId: messageId, ReceiptHandle: "r", Body: "1", Attributes };
      const arn = "arn:aws:sqs:us-east-1:000000000000:app-test-first";
      expect(await instance.invoke({ Records: [toSqsRecord(arn, message)] })).toMatchObject({ ok: true });
      const heard = instance.jsonLogs().filter(({ message: text }) => text === `heard of ${messageId}`);
      expect(heard).toMatchObject([{ level: "INFO", jobId: messageId }]);
    }
    const texts = instance
      .jsonLogs()
      .flatMap(({ message, error }) =>
        error ? [(error as { code: string }).code] : message === undefined ? [] : [String(message)],
      );
    const ofJob = (messageId: string) => ["ran", "QR_LISTENER_FAILED", `heard of ${messageId}`];
    expect(texts).toEqual(["warm", ...ofJob("m1"), ...ofJob("m2")]);
  });

  it("costs a project without OpenTelemetry nothing, and one whose dependency brought it neither", async () => {
    const plain = await deploy(FILES);
    const hoisted = await deploy(FILES, ["@opentelemetry/api"]);
    const sizes = ({ packages }: PackagedProject) => packages.map(({ id, zip }) => [id, zip.length]);
    expect(sizes(hoisted)).toEqual(sizes(plain));
  });
});
