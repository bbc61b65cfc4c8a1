import { AwsError } from "./aws-error.js";
import type { HttpAnswer, HttpTransport, RestTarget } from "./http-transport.js";
import { CLOCK_SKEW, type RetryClock, type RetryQuota, withRetries } from "./retry.js";
import type { SignRequest } from "./signer.js";

const USER_AGENT = "queue-run";
/** A clock that is this far from AWS's makes signatures invalid. SDK: clock skew correction. */
const MAX_CLOCK_SKEW_MS = 240_000;

/** What calls of one service share. */
export type AwsService = {
  transport: HttpTransport;
  sign: SignRequest;
  quota: RetryQuota;
  clock: RetryClock & { now(): number };
  maxAttempts: number;
  /** How far AWS's clock is ahead of ours, in milliseconds, as its last answer told. */
  clockOffsetMs: number;
};

/** One call, as it is sent: signed, and with what AWS's clients say of themselves. */
export type ServiceRequest = {
  /** In lower case; the signature covers them. */
  headers: Record<string, string>;
  body: string;
  /** Null: POST to the endpoint itself. */
  target: RestTarget | null;
};

/**
 * One call, with its retries.
 *
 * @param errorName - the name of an error from the code that the answer has
 * @returns the answer's JSON; an empty object where it is empty
 * @throws AwsError
 */
export async function callService(
  service: AwsService,
  { headers: toSign, body, target }: ServiceRequest,
  errorName: (code: string) => string,
): Promise<Record<string, unknown>> {
  const invocationId = process.getBuiltinModule("node:crypto").randomUUID();
  return withRetries(
    async (attempt, maxAttempts) => {
      const offsetBefore = service.clockOffsetMs;
      const headers = await service.sign(toSign, body, new Date(service.clock.now() + offsetBefore), target);
      headers["user-agent"] = USER_AGENT;
      headers["amz-sdk-invocation-id"] = invocationId;
      headers["amz-sdk-request"] = `attempt=${attempt}; max=${maxAttempts}`;
      const answer = await service.transport.post(withTraceHeader(headers, process.env), body, target);
      followClock(service, answer.headers);
      if (answer.status < 300) return parseOutput(answer);
      const isSkewed =
        Math.abs(service.clockOffsetMs) >= MAX_CLOCK_SKEW_MS && service.clockOffsetMs !== offsetBefore;
      throw toAwsError(answer, { errorName, isSkewed, now: service.clock.now() });
    },
    { quota: service.quota, clock: service.clock, maxAttempts: service.maxAttempts },
  );
}

/** Lambda stops loops by this header (Lambda Developer Guide, "Recursive loop detection"), which the SDK sends too. */
function withTraceHeader(headers: Record<string, string>, env: NodeJS.ProcessEnv): Record<string, string> {
  const trace = env.AWS_LAMBDA_FUNCTION_NAME && env._X_AMZN_TRACE_ID;
  if (trace) headers["x-amzn-trace-id"] = trace;
  return headers;
}

function followClock(service: AwsService, headers: HttpAnswer["headers"]): void {
  const serverTime = headers.age === undefined && headers.date ? Date.parse(headers.date) : Number.NaN;
  if (!Number.isNaN(serverTime)) service.clockOffsetMs = serverTime - service.clock.now();
}

function parseOutput(answer: HttpAnswer): Record<string, unknown> {
  if (answer.body === "") return {};
  const output = parseObject(answer.body);
  if (output) return output;
  throw new AwsError({
    name: "InvalidAnswer",
    message: "The answer is not JSON: something other than AWS may be listening on the endpoint",
    status: answer.status,
    requestId: requestIdOf(answer.headers),
  });
}

function toAwsError(
  answer: HttpAnswer,
  { errorName, isSkewed, now }: { errorName: (code: string) => string; isSkewed: boolean; now: number },
): AwsError {
  const { status, headers } = answer;
  const body = parseObject(answer.body) ?? {};
  const legacyCode = headers["x-amzn-query-error"]?.split(";")[0];
  const named = legacyCode ?? body.code ?? body.Code ?? headers["x-amzn-errortype"] ?? body.__type;
  const code = toErrorCode(named);
  const name = errorName(code);
  const message = body.message ?? body.Message;
  return new AwsError({
    name: isSkewed ? CLOCK_SKEW : name,
    code,
    message: typeof message === "string" && message !== "" ? message : "UnknownError",
    status,
    requestId: requestIdOf(headers),
    retryAfterMs: retryAfterMs(headers, now),
  });
}

/** `com.amazonaws.sqs#QueueDoesNotExist:http://…,…` is QueueDoesNotExist. */
function toErrorCode(named: unknown): string {
  if (typeof named === "number") return String(named);
  if (typeof named !== "string" || named === "") return "Unknown";
  const code = named.split(",")[0]?.split(":")[0] ?? "";
  return code.includes("#") ? (code.split("#")[1] ?? "") : code;
}

function requestIdOf(headers: HttpAnswer["headers"]): string | null {
  const { "x-amzn-requestid": amzn, "x-amzn-request-id": dashed, "x-amz-request-id": amz } = headers;
  return amzn ?? dashed ?? amz ?? null;
}

/** Seconds, a date, or AWS's own header in milliseconds. */
function retryAfterMs(headers: HttpAnswer["headers"], now: number): number | null {
  const own = headers["x-amz-retry-after"];
  if (own !== undefined && own !== "" && Number.isFinite(Number(own))) return Number(own);
  const standard = headers["retry-after"];
  if (standard === undefined) return null;
  if (/^\d+(\.\d+)?$/.test(standard)) return Number(standard) * 1000;
  const date = Date.parse(standard);
  return Number.isNaN(date) ? null : date - now;
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
