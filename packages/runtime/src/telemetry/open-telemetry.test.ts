import {
  type Context,
  context,
  createTraceState,
  propagation,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  type ReadableSpan,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-node";
import { afterEach, beforeEach, expect, test } from "vitest";
import { configureInstance } from "../config/instance.js";
import { defaultQueueSettings } from "../config/queue-config.js";
import { defaultScheduleSettings } from "../config/schedule-config.js";
import { ask } from "../http/testing/requests.js";
import type { JobRecord } from "../job/job-record.js";
import { createFakeJobQueue } from "../job/testing/fake-job-queue.js";
import { sqsEvent } from "../job/testing/sqs-event.js";
import type { UserModule } from "../lambda/functions.js";
import { createQueueHandler } from "../lambda/queue.js";
import { createScheduleHandler } from "../lambda/schedule.js";
import { decodeEnvelope, ENVELOPE_ATTRIBUTE, type Envelope } from "../queue/envelope.js";
import { queues } from "../queue/queues.js";
import { configureQueues, type RecordingSqs, startRecordingSqs } from "../queue/testing/recording-sqs.js";
import { socketPlace } from "../socket/testing/socket-place.js";
import { connectOpenTelemetry } from "./open-telemetry.js";
import { traceWith } from "./tracer.js";

let exporter = new InMemorySpanExporter();
let provider: NodeTracerProvider | null = null;
let sqs: RecordingSqs;

beforeEach(async () => {
  connectOpenTelemetry<Context>({ context, createTraceState, trace });
  sqs = await startRecordingSqs();
  configureQueues(sqs.endpoint, { emails: {}, reports: {} }, { readableLogs: true });
});

afterEach(async () => {
  traceWith(null);
  configureInstance(null);
  await sqs.stop();
  await provider?.shutdown();
  provider = null;
  trace.disable();
  context.disable();
  propagation.disable();
});

/** As a project's index.ts does. */
function startSdk(): void {
  exporter = new InMemorySpanExporter();
  provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  provider.register();
}

function spanNamed(name: string): ReadableSpan {
  const span = exporter.getFinishedSpans().find((each) => each.name === name);
  if (!span) throw new Error(`No span ${name} among ${exporter.getFinishedSpans().map((each) => each.name)}`);
  return span;
}

async function runJobs(module: UserModule, ...messages: Parameters<typeof sqsEvent>) {
  const fn = { name: "emails", fifo: false, settings: defaultQueueSettings(false), load: async () => module };
  const handler = createQueueHandler(fn, { queue: createFakeJobQueue<JobRecord>() });
  const invocation = { awsRequestId: "request-1", getRemainingTimeInMillis: () => 300_000 };
  return handler(sqsEvent(...messages), invocation);
}

/** The envelope of the last message that was sent. */
function sentEnvelope(): Envelope | null {
  const attributes = sqs.messages().at(-1)?.MessageAttributes as Record<string, { StringValue: string }>;
  return decodeEnvelope(attributes[ENVELOPE_ATTRIBUTE]?.StringValue);
}

const TRACE = { traceId: "5759e988bd862e3fe1be46a994272793", spanId: "53995c3f42cd8ad8", sampled: true };

test("a request, its push, the user's own span, the job and the job's push are one trace", async () => {
  startSdk();
  const routes = {
    "/orders/[id]": {
      post: () =>
        trace.getTracer("shop").startActiveSpan("charge", async (span) => {
          await queues.get("emails").push({ n: 1 });
          span.end();
        }),
    },
  };
  const headers = { traceparent: `00-${TRACE.traceId}-${TRACE.spanId}-01`, tracestate: "vendor=1" };
  await ask(routes, { path: "/orders/5", method: "POST", headers });
  const envelope = sentEnvelope();
  await runJobs(
    { default: () => queues.get("reports").push("done") },
    { id: "m1", envelope: envelope ?? {} },
  );

  const [request, charge, send, process, next] = [
    "POST /orders/:id",
    "charge",
    "send emails",
    "process emails",
    "send reports",
  ].map(spanNamed) as [ReadableSpan, ReadableSpan, ReadableSpan, ReadableSpan, ReadableSpan];
  const spans = [request, charge, send, process, next];
  expect(new Set(spans.map((span) => span.spanContext().traceId))).toEqual(new Set([TRACE.traceId]));
  expect(spans.map((span) => span.parentSpanContext?.spanId)).toEqual([
    TRACE.spanId,
    ...spans.slice(0, 4).map((span) => span.spanContext().spanId),
  ]);
  expect(envelope?.trace).toMatchObject({ spanId: send.spanContext().spanId, state: "vendor=1" });
  expect(sentEnvelope()?.trace?.spanId).toBe(next.spanContext().spanId);

  expect(request).toMatchObject({
    kind: SpanKind.SERVER,
    attributes: {
      "http.request.method": "POST",
      "http.route": "/orders/:id",
      "url.path": "/orders/5",
      "http.response.status_code": 204,
    },
  });
  expect(send).toMatchObject({
    kind: SpanKind.PRODUCER,
    attributes: { "messaging.system": "aws_sqs", "messaging.destination.name": "emails" },
  });
  expect(process).toMatchObject({
    kind: SpanKind.CONSUMER,
    attributes: {
      "messaging.system": "aws_sqs",
      "messaging.operation.type": "process",
      "messaging.destination.name": "emails",
      "messaging.message.id": "m1",
      "queue_run.job.attempt": 1,
    },
  });
});

test("what fails says so on its span: a job, a request, a push", async () => {
  startSdk();
  const failing = () => {
    throw new TypeError("no");
  };
  await runJobs({ default: failing }, { id: "m1" });
  expect(spanNamed("process emails")).toMatchObject({
    status: { code: SpanStatusCode.ERROR, message: "no" },
    attributes: { "error.type": "TypeError" },
    events: [{ name: "exception" }],
  });
  await ask({ "/": { get: failing } }, { path: "/" });
  expect(spanNamed("GET /")).toMatchObject({
    status: { code: SpanStatusCode.ERROR },
    attributes: { "http.response.status_code": 500, "error.type": "500" },
  });
  await queues
    .get("nothing")
    .push(1)
    .catch(() => {});
  expect(spanNamed("send nothing").attributes["error.type"]).toBe("QR_QUEUE_NOT_FOUND");
});

test("jobs side by side have each their own span; one call of batch is one, with links", async () => {
  startSdk();
  const other = { ...TRACE, traceId: "a".repeat(32) };
  const messages = [
    { id: "m1", envelope: { trace: TRACE } },
    { id: "m2", envelope: { trace: other } },
  ];
  const module = {
    default: () => trace.getTracer("shop").startSpan("work").end(),
  };
  await runJobs(module, ...messages);
  const works = exporter.getFinishedSpans().filter(({ name }) => name === "work");
  expect(works.map((span) => span.spanContext().traceId)).toEqual([TRACE.traceId, other.traceId]);

  exporter.reset();
  await runJobs({ batch: () => {} }, ...messages);
  const span = spanNamed("process emails");
  expect(span.spanContext().traceId).toBe(TRACE.traceId);
  expect(span.attributes["messaging.batch.message_count"]).toBe(2);
  expect(span.links.map((link) => link.context.traceId)).toEqual([other.traceId]);
});

test("a trace that is not sampled is carried on, and nothing of it is exported", async () => {
  startSdk();
  const envelope = { trace: { ...TRACE, sampled: false } };
  await runJobs({ default: () => queues.get("reports").push(1) }, { id: "m1", envelope });
  expect(exporter.getFinishedSpans()).toEqual([]);
  expect(sentEnvelope()?.trace).toMatchObject({ traceId: TRACE.traceId, sampled: false });
});

test("a run of a schedule is a span, and what it pushes is in its trace", async () => {
  startSdk();
  const handler = createScheduleHandler({
    name: "daily",
    cron: "0 9 * * *",
    settings: defaultScheduleSettings(),
    load: async () => ({ default: () => queues.get("reports").push(1) }),
  });
  await handler({}, { awsRequestId: "r", getRemainingTimeInMillis: () => 10_000 });
  const run = spanNamed("daily");
  expect(run.attributes).toMatchObject({ "faas.trigger": "timer", "faas.cron": "0 9 * * *" });
  expect(spanNamed("send reports").parentSpanContext?.spanId).toBe(run.spanContext().spanId);
});

test("a message of a WebSocket is a span, around what its handler does", async () => {
  startSdk();
  const place = socketPlace({
    socket: { default: () => trace.getTracer("shop").startSpan("work").end() },
  });
  await place.say("c1", "hello");
  const message = spanNamed("socket message");
  expect(message.attributes["network.protocol.name"]).toBe("websocket");
  expect(spanNamed("work").parentSpanContext?.spanId).toBe(message.spanContext().spanId);
});

test("until somebody collects spans none are made, and the trace is handed on as it came", async () => {
  await runJobs({ default: () => queues.get("reports").push(1) }, { id: "m1", envelope: { trace: TRACE } });
  expect(sentEnvelope()?.trace).toEqual(TRACE);
});

test("on Lambda spans are sent before the invocation ends, and a collector that fails breaks nothing", async () => {
  process.env.AWS_LAMBDA_FUNCTION_NAME = "emails";
  try {
    startSdk();
    let flushes = 0;
    Object.assign(provider ?? {}, {
      forceFlush: async () => {
        flushes++;
        throw new Error("collector down");
      },
    });
    const answer = await runJobs({ default: () => {} }, { id: "m1" }, { id: "m2" });
    expect(answer).toEqual({ batchItemFailures: [] });
    expect(flushes).toBe(1);
  } finally {
    delete process.env.AWS_LAMBDA_FUNCTION_NAME;
  }
});
