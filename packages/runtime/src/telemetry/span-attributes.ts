import type { TracedJobs, TracedPush, TracedRequest, TracedRun, TracedSocketEvent } from "./tracer.js";

/** What a span says of itself. */
export type Attributes = Record<string, string | number | boolean>;

/** OpenTelemetry's name of SQS. Semantic Conventions for AWS SQS. */
const SYSTEM = { "messaging.system": "aws_sqs" };

/** Semantic Conventions for HTTP Spans, "HTTP server". The query stays out of it: it may hold secrets. */
export function attributesOfRequest(request: TracedRequest): Attributes {
  const { headers, route } = request;
  return {
    "http.request.method": request.method,
    "url.path": request.path,
    "url.scheme": headers["x-forwarded-proto"] ?? "https",
    ...(route !== null && { "http.route": route }),
    ...(headers.host !== undefined && { "server.address": headers.host }),
    ...(headers["user-agent"] !== undefined && { "user_agent.original": headers["user-agent"] }),
    "client.address": request.clientAddress,
    "faas.trigger": "http",
    "faas.invocation_id": request.requestId,
  };
}

/** Semantic Conventions for FaaS Spans: there are none for WebSockets. */
export function attributesOfSocketEvent({ requestId }: TracedSocketEvent): Attributes {
  return {
    "network.protocol.name": "websocket",
    "faas.trigger": "other",
    "faas.invocation_id": requestId,
  };
}

/** Semantic Conventions for Messaging Spans, "process". */
export function attributesOfJobs({ queueName, requestId, records }: TracedJobs): Attributes {
  const [first, ...others] = records;
  const attributes: Attributes = {
    ...SYSTEM,
    "messaging.operation.type": "process",
    "messaging.operation.name": "process",
    "messaging.destination.name": queueName,
    "faas.trigger": "pubsub",
    "faas.invocation_id": requestId,
  };
  if (!first) return attributes;
  if (others.length > 0) return { ...attributes, "messaging.batch.message_count": records.length };
  return {
    ...attributes,
    "messaging.message.id": first.messageId,
    "messaging.message.body.size": Buffer.byteLength(first.message.body),
    "queue_run.job.id": first.jobId,
    "queue_run.job.name": first.job,
    "queue_run.job.attempt": first.attempt,
    ...(first.groupId !== null && { "queue_run.job.group": first.groupId }),
  };
}

/** Semantic Conventions for FaaS Spans, "Timer". */
export function attributesOfRun({ cron, jobId, attempt, requestId }: TracedRun): Attributes {
  return {
    "faas.trigger": "timer",
    "faas.cron": cron,
    "faas.invocation_id": requestId,
    "queue_run.job.id": jobId,
    "queue_run.job.attempt": attempt,
  };
}

/** Semantic Conventions for Messaging Spans, "send". */
export function attributesOfPush({ queueName, job, messages }: TracedPush): Attributes {
  return {
    ...SYSTEM,
    "messaging.operation.type": "send",
    "messaging.operation.name": "send",
    "messaging.destination.name": queueName,
    "queue_run.job.name": job,
    ...(messages > 1 && { "messaging.batch.message_count": messages }),
  };
}

/** The attribute `error.type`: a code where there is one, else the error's class. Semantic Conventions, "Recording errors". */
export function errorTypeOf(error: unknown): string {
  if (typeof error !== "object" || error === null) return "_OTHER";
  if ("code" in error && typeof error.code === "string") return error.code;
  return "name" in error ? String(error.name) : "_OTHER";
}
