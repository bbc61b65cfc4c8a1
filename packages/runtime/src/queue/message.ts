import type { MessageToSend } from "../aws/sqs-shapes.js";
import type { QueueLink } from "../config/instance.js";
import type { InvocationScope, TraceContext } from "../context/invocation-scope.js";
import { toXRayHeader } from "../context/trace.js";
import { payloadTooLarge, tooManyHops } from "../errors/push-errors.js";
import { SQS_MAX_MESSAGE_BYTES } from "../limits/index.js";
import { ENVELOPE_ATTRIBUTE, encodeEnvelope } from "./envelope.js";
import type { EncodedPayload } from "./payload.js";
import type { ResolvedPushOptions } from "./push-options.js";

/** Longest chain of jobs pushing jobs where nothing else is configured (`limits.hops`). */
const DEFAULT_MAX_HOPS = 100;
const ATTRIBUTE_TYPE = "String";

/** A message, and its size as SQS counts it: body, and each attribute's name, type and value. */
export type SizedMessage = { message: MessageToSend; bytes: number };

/**
 * Writes a push down as an SQS message.
 *
 * @param options - checked against the queue
 * @param params - path parameters to carry along
 * @param scope - whose push it is; its user travels along
 * @param trace - travels along
 * @throws QR_PAYLOAD_TOO_LARGE, QR_TOO_MANY_HOPS
 */
export function toMessage({
  link,
  payload,
  options,
  params = {},
  scope,
  trace,
}: {
  link: QueueLink;
  payload: EncodedPayload;
  options: ResolvedPushOptions;
  params?: Record<string, string | string[]>;
  scope: InvocationScope | null;
  trace: TraceContext | null;
}): SizedMessage {
  const hops = (scope?.hops ?? 0) + 1;
  const maxHops = link.maxHops ?? DEFAULT_MAX_HOPS;
  if (hops > maxHops) throw tooManyHops(link.name, maxHops);
  const envelope = encodeEnvelope({
    payloadKind: payload.kind,
    job: options.job,
    jobId: null,
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
    dedupeId: null,
  });
  const bytes = checkSize(link, payload.body, envelope);
  const message: MessageToSend = {
    MessageBody: payload.body,
    MessageAttributes: { [ENVELOPE_ATTRIBUTE]: { DataType: ATTRIBUTE_TYPE, StringValue: envelope } },
  };
  if (options.delaySeconds > 0) message.DelaySeconds = options.delaySeconds;
  if (options.group !== null) message.MessageGroupId = options.group;
  if (link.fifo) message.MessageDeduplicationId = deduplicationId(options, payload);
  if (trace) {
    const header = { DataType: ATTRIBUTE_TYPE, StringValue: toXRayHeader(trace) };
    message.MessageSystemAttributes = { AWSTraceHeader: header };
  }
  return { message, bytes };
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
