import type { Backoff } from "../config/queue-config.js";
import type { TraceContext } from "../context/invocation-scope.js";
import { parseTraceparent, toTraceparent } from "../context/trace.js";
import { toMessageSafeJson } from "./message-text.js";

/** The one message attribute of ours (type String). Everything that is not the payload is in it, as compact JSON. */
export const ENVELOPE_ATTRIBUTE = "queue-run";

/**
 * How a payload was written into the message's body: JSON text; a string as it is; bytes in base64.
 * A string with characters that SQS refuses is written as JSON text, which escapes them. What EventBridge Scheduler is to
 * send is in base64 altogether, since it replaces what looks like its own placeholders.
 */
export type PayloadKind = (typeof PAYLOAD_KINDS)[number];

const PAYLOAD_KINDS = ["json", "text", "bytes", "json64", "text64"] as const;

/** What a push says about its job, besides the payload. It travels with the message and back through dead-lettering. */
export type Envelope = {
  payloadKind: PayloadKind;
  /** "default", or the named export that the job runs. */
  job: string;
  /** Our own id of the job; null where SQS's MessageId is the id. */
  jobId: string | null;
  /** The authenticated user on whose behalf it was pushed. */
  userId: string | null;
  /** Path parameters of the route that pushed it (`queue.http`). */
  params: Record<string, string | string[]>;
  trace: TraceContext | null;
  /** Which job of a chain of jobs pushing jobs this is: 1 for a push from outside of any job. */
  hops: number;
  /** The push's own settings; null where the queue's apply. */
  retries: number | null;
  backoff: Backoff | null;
  backoffDelaySeconds: number | null;
  tag: string | null;
  /** When it is due, in milliseconds since 1970; null: at once. */
  dueAt: number | null;
  /** How often it came back from the dead-letter queue. */
  redrives: number;
  /** FIFO, where the message's own deduplication id is the job's: the id that pushes of the group are compared by. */
  dedupeId: string | null;
};

/** @returns an envelope of a default job with a JSON payload, as a fresh object */
export function defaultEnvelope(): Envelope {
  return {
    payloadKind: "json",
    job: "default",
    jobId: null,
    userId: null,
    params: {},
    trace: null,
    hops: 1,
    retries: null,
    backoff: null,
    backoffDelaySeconds: null,
    tag: null,
    dueAt: null,
    redrives: 0,
    dedupeId: null,
  };
}

/** @returns the attribute's value: defaults are left out, characters that SQS refuses are escaped */
export function encodeEnvelope(envelope: Envelope): string {
  const written: Record<string, unknown> = {};
  if (envelope.payloadKind !== "json") written.kind = envelope.payloadKind;
  if (envelope.job !== "default") written.job = envelope.job;
  if (envelope.jobId !== null) written.id = envelope.jobId;
  if (envelope.userId !== null) written.user = envelope.userId;
  if (Object.keys(envelope.params).length > 0) written.params = envelope.params;
  if (envelope.trace !== null) written.trace = toTraceparent(envelope.trace);
  if (envelope.trace?.state !== undefined) written.tracestate = envelope.trace.state;
  if (envelope.hops !== 1) written.hops = envelope.hops;
  if (envelope.retries !== null) written.retries = envelope.retries;
  if (envelope.backoff !== null) written.backoff = envelope.backoff;
  if (envelope.backoffDelaySeconds !== null) written.backoffDelay = envelope.backoffDelaySeconds;
  if (envelope.tag !== null) written.tag = envelope.tag;
  if (envelope.dueAt !== null) written.due = envelope.dueAt;
  if (envelope.redrives !== 0) written.redrives = envelope.redrives;
  if (envelope.dedupeId !== null) written.dedupe = envelope.dedupeId;
  return toMessageSafeJson(JSON.stringify(written));
}

/**
 * Reads the attribute's value. Members that are unknown, or not of the type they should be, are left at their
 * defaults: a message may come from a newer version, or from anybody.
 *
 * @param value - the attribute `queue-run`, undefined when the message has none
 * @returns null when the message is not one of ours
 */
export function decodeEnvelope(value: string | null | undefined): Envelope | null {
  if (!value) return null;
  const read = parseObject(value);
  if (!read) return null;
  const { kind, backoff } = read;
  return {
    payloadKind: PAYLOAD_KINDS.find((known) => known === kind) ?? "json",
    job: stringOr(read.job, "default"),
    jobId: stringOr(read.id, null),
    userId: stringOr(read.user, null),
    params: toParams(read.params),
    trace:
      typeof read.trace === "string" ? parseTraceparent(read.trace, stringOr(read.tracestate, null)) : null,
    hops: countOr(read.hops, 1),
    retries: countOr(read.retries, null),
    backoff: backoff === "exponential" || backoff === "linear" || backoff === "none" ? backoff : null,
    backoffDelaySeconds: numberOr(read.backoffDelay, null),
    tag: stringOr(read.tag, null),
    dueAt: numberOr(read.due, null),
    redrives: countOr(read.redrives, 0),
    dedupeId: stringOr(read.dedupe, null),
  };
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

function stringOr<T>(value: unknown, otherwise: T): string | T {
  return typeof value === "string" && value !== "" ? value : otherwise;
}

function numberOr<T>(value: unknown, otherwise: T): number | T {
  return typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : otherwise;
}

function countOr<T>(value: unknown, otherwise: T): number | T {
  return Number.isSafeInteger(value) ? numberOr(value, otherwise) : otherwise;
}

/** Shared: an object without a prototype is a hash table, too dear to make one for each message that has no parameters. */
const NO_PARAMS: Record<string, string | string[]> = Object.freeze(Object.create(null));

/** Path parameters come from requests: the object has no prototype that a name could reach. */
function toParams(value: unknown): Record<string, string | string[]> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return NO_PARAMS;
  const params: Record<string, string | string[]> = Object.create(null);
  for (const [name, param] of Object.entries(value)) {
    const isList = Array.isArray(param) && param.every((part) => typeof part === "string");
    if (typeof param === "string" || isList) params[name] = param;
  }
  return params;
}
