import type { TraceContext } from "./invocation-scope.js";

/** A fresh trace, for work that nothing traced asked for. */
export function newTrace(): TraceContext {
  return { traceId: randomHex(16), spanId: randomHex(8), sampled: true };
}

/**
 * The trace of a message that nothing traced sent: the same for each of its attempts.
 *
 * @param messageId - SQS's, a UUID
 */
export function traceOfMessageId(messageId: string): TraceContext {
  const digits = messageId.replaceAll("-", "").toLowerCase();
  return /^(?!0{16})[0-9a-f]{32}$/.test(digits)
    ? { traceId: digits, spanId: digits.slice(0, 16), sampled: true }
    : newTrace();
}

/**
 * Reads a `traceparent` header (W3C Trace Context, version 00; later versions as far as they start alike).
 *
 * @param state - the `tracestate` header that came with it, which is handed on as it is
 * @returns null when it is not one
 */
export function parseTraceparent(
  header: string | null | undefined,
  state?: string | null,
): TraceContext | null {
  const match = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/.exec(
    header?.trim() ?? "",
  );
  const [, version, traceId, spanId, flags, rest] = match ?? [];
  if (!version || !traceId || !spanId || !flags) return null;
  if (version === "ff" || (version === "00" && rest !== undefined)) return null;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return null;
  const trace = { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
  return isTracestate(state) ? { ...trace, state } : trace;
}

/** What vendors must hand on at least; more of it would be at the expense of payloads. W3C Trace Context, 3.3.1.5. */
const MAX_TRACESTATE_LENGTH = 512;

function isTracestate(state: unknown): state is string {
  return (
    typeof state === "string" &&
    state.length <= MAX_TRACESTATE_LENGTH &&
    /^[\x20-\x7e]*=[\x20-\x7e]*$/.test(state)
  );
}

/** @returns the trace as a `traceparent` header (W3C Trace Context, version 00) */
export function toTraceparent({ traceId, spanId, sampled }: TraceContext): string {
  return `00-${traceId}-${spanId}-${sampled ? "01" : "00"}`;
}

/**
 * Reads an X-Ray trace header, `Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1`, as the
 * SQS system attribute AWSTraceHeader and the HTTP header X-Amzn-Trace-Id carry it (X-Ray Developer Guide, "Tracing
 * header"). A header without `Parent` gets a new span.
 *
 * @returns null when it names no trace
 */
export function parseXRayHeader(header: string | null | undefined): TraceContext | null {
  const root = /(?:^|;)\s*Root=1-([0-9a-f]{8})-([0-9a-f]{24})/i.exec(header ?? "");
  if (!header || !root) return null;
  const parent = /(?:^|;)\s*Parent=([0-9a-f]{16})/i.exec(header)?.[1];
  return {
    traceId: `${root[1]}${root[2]}`.toLowerCase(),
    spanId: parent?.toLowerCase() ?? randomHex(8),
    sampled: !/(?:^|;)\s*Sampled=0/i.test(header),
  };
}

/** @returns the trace as X-Ray writes it: what goes into AWSTraceHeader */
export function toXRayHeader({ traceId, spanId, sampled }: TraceContext): string {
  return `Root=1-${traceId.slice(0, 8)}-${traceId.slice(8)};Parent=${spanId};Sampled=${sampled ? 1 : 0}`;
}

/** Asking for random bytes costs ten times as much as they do: they are asked for in advance. */
const POOL_BYTES = 1_536;
let pool: Buffer | null = null;
let used = 0;

/** Node's crypto takes 2 ms to load, which requests and jobs that make no span do not pay. */
function randomHex(bytes: number): string {
  if (!pool || used + bytes > pool.length) {
    pool = process.getBuiltinModule("node:crypto").randomBytes(POOL_BYTES);
    used = 0;
  }
  used += bytes;
  return pool.toString("hex", used - bytes, used);
}
