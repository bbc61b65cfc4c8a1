import type { MessageToSend } from "../aws/sqs-shapes.js";
import type { QueueLink } from "../config/instance.js";
import type { InvocationScope, TraceContext } from "../context/invocation-scope.js";
import { toXRayHeader } from "../context/trace.js";
import { payloadTooLarge, tooManyHops } from "../errors/push-errors.js";
import { SQS_MAX_DELAY_SECONDS, SQS_MAX_MESSAGE_BYTES } from "../limits/index.js";
import { ENVELOPE_ATTRIBUTE, encodeEnvelope } from "./envelope.js";
import { type EncodedPayload, inBase64 } from "./payload.js";
import type { ResolvedPushOptions } from "./push-options.js";

/** Longest chain of jobs pushing jobs where nothing else is configured (`limits.hops`). */
const DEFAULT_MAX_HOPS = 100;
const ATTRIBUTE_TYPE = "String";
/** What a push with a long delay may carry, so that base64 of it and our envelope fit into a schedule's Input. */
const MAX_DELAYED_PAYLOAD_BYTES = 180 * 1_024;

/** A message, and its size as SQS counts it: body, and each attribute's name, type and value. */
export type SizedMessage = {
  message: MessageToSend;
  bytes: number;
  /** Our own id of the job; null where SQS's MessageId is the id. */
  jobId: string | null;
  /** When EventBridge Scheduler is to send it, in milliseconds since 1970; null: SQS takes it now. */
  sendAt: number | null;
  /** FIFO, tracked: what tells a repeated push, before it is sent; null: it is not to be told, or SQS tells it. */
  dedupeId: string | null;
};

/**
 * Writes a push down as an SQS message.
 *
 * @param options - checked against the queue
 * @param jobId - null: SQS's, or, where the job waits in EventBridge Scheduler, a new one
 * @param params - path parameters to carry along
 * @param scope - whose push it is; its user travels along
 * @param trace - travels along
 * @throws QR_PAYLOAD_TOO_LARGE, QR_TOO_MANY_HOPS
 */
export function toMessage({
  link,
  payload,
  options,
  jobId: ownId = null,
  params = {},
  scope,
  trace,
}: {
  link: QueueLink;
  payload: EncodedPayload;
  options: ResolvedPushOptions;
  jobId?: string | null;
  params?: Record<string, string | string[]>;
  scope: InvocationScope | null;
  trace: TraceContext | null;
}): SizedMessage {
  const hops = (scope?.hops ?? 0) + 1;
  const maxHops = link.maxHops ?? DEFAULT_MAX_HOPS;
  if (hops > maxHops) throw tooManyHops(link.name, maxHops);
  const { byScheduler } = options;
  const jobId = ownId ?? (byScheduler ? process.getBuiltinModule("node:crypto").randomUUID() : null);
  const { body, kind } = byScheduler ? inBase64(payload) : payload;
  // Repetitions of what waits in the Scheduler are told when it is sent, by SQS.
  const isTold = link.track && link.fifo && !byScheduler;
  const dedupeId = isTold && options.dedupe !== false ? deduplicationId(options, payload) : null;
  const envelope = encodeEnvelope({
    payloadKind: kind,
    job: options.job,
    jobId,
    userId: scope?.user?.id ?? null,
    params,
    trace,
    hops,
    retries: options.retries,
    backoff: options.backoff,
    backoffDelaySeconds: options.backoffDelaySeconds,
    tag: options.tag,
    dueAt: options.dueAt,
    redrives: 0,
    dedupeId,
  });
  if (byScheduler) checkDelayedSize(link, payload);
  const bytes = checkSize(link, payload.body, envelope);
  const message: MessageToSend = {
    MessageBody: body,
    MessageAttributes: { [ENVELOPE_ATTRIBUTE]: { DataType: ATTRIBUTE_TYPE, StringValue: envelope } },
  };
  if (options.delaySeconds > 0) message.DelaySeconds = options.delaySeconds;
  if (options.group !== null) message.MessageGroupId = options.group;
  if (link.fifo)
    message.MessageDeduplicationId = isTold && jobId !== null ? jobId : deduplicationId(options, payload);
  if (trace) {
    const header = { DataType: ATTRIBUTE_TYPE, StringValue: toXRayHeader(trace) };
    message.MessageSystemAttributes = { AWSTraceHeader: header };
  }
  return { message, bytes, jobId, sendAt: byScheduler ? options.dueAt : null, dedupeId };
}

function checkSize(link: QueueLink, body: string, envelope: string): number {
  const bodyBytes = Buffer.byteLength(body);
  if (link.maxPayloadBytes !== null && bodyBytes > link.maxPayloadBytes) {
    throw payloadTooLarge(link.name, bodyBytes, link.maxPayloadBytes, "limits.payload of this queue");
  }
  const bytes = bodyBytes + Buffer.byteLength(envelope) + ENVELOPE_ATTRIBUTE.length + ATTRIBUTE_TYPE.length;
  if (bytes > SQS_MAX_MESSAGE_BYTES) {
    throw payloadTooLarge(
      link.name,
      bytes,
      SQS_MAX_MESSAGE_BYTES,
      "the limit of SQS, which counts our envelope too,",
    );
  }
  return bytes;
}

/** What waits in EventBridge Scheduler may be less than what SQS takes. */
function checkDelayedSize(link: QueueLink, { body, kind }: EncodedPayload): void {
  const bytes = Buffer.byteLength(body, kind === "bytes" ? "base64" : "utf8");
  if (bytes <= MAX_DELAYED_PAYLOAD_BYTES) return;
  const limit = link.fifo
    ? "the most that a push with a delay to a FIFO queue may carry"
    : `the most that a push with a delay over ${SQS_MAX_DELAY_SECONDS / 60} minutes may carry`;
  throw payloadTooLarge(link.name, bytes, MAX_DELAYED_PAYLOAD_BYTES, limit);
}

/**
 * Deduplication is per group: our queues have DeduplicationScope messageGroup, so an id that the user gave goes as it
 * is. The hash takes the group in all the same, so that equal payloads of two groups stay apart on any SQS-compatible
 * server, scope or not.
 */
function deduplicationId(
  { group, dedupe, job }: ResolvedPushOptions,
  { body, kind }: EncodedPayload,
): string {
  const { createHash, randomUUID } = process.getBuiltinModule("node:crypto");
  if (dedupe === false) return randomUUID();
  if (dedupe !== null) return dedupe;
  return createHash("sha256").update(`${group}\n${job}\n${kind}\n`).update(body).digest("hex");
}
