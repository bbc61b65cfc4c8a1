import { AwsError } from "./aws-error.js";

/**
 * The SDK's standard retry mode (SDKs and Tools Reference Guide, "Retry behavior"; @smithy/core/retry 3.38): three
 * attempts, full jitter on an exponential backoff, and a quota of tokens that stops retries when a service is down.
 */
const MAX_ATTEMPTS = 3;
const BASE_DELAY_MS = 50;
const THROTTLING_BASE_DELAY_MS = 1_000;
const MAX_DELAY_MS = 20_000;
/** By how much a Retry-After of the service may exceed the computed delay. */
const MAX_RETRY_AFTER_EXTENSION_MS = 5_000;
const QUOTA_TOKENS = 500;
const RETRY_COST = 14;
const THROTTLING_RETRY_COST = 5;
const SUCCESS_REFUND = 1;

const THROTTLING_NAMES = new Set([
  "BandwidthLimitExceeded",
  "EC2ThrottledException",
  "LimitExceededException",
  "PriorRequestNotComplete",
  "ProvisionedThroughputExceededException",
  "RequestLimitExceeded",
  "RequestThrottled",
  "RequestThrottledException",
  "SlowDown",
  "ThrottledException",
  "Throttling",
  "ThrottlingException",
  "TooManyRequestsException",
  "TransactionInProgressException",
]);
const TRANSIENT_NAMES = new Set(["TimeoutError", "RequestTimeout", "RequestTimeoutException"]);
const TRANSIENT_STATUSES = new Set([500, 502, 503, 504]);
const CONNECTION_CODES = new Set([
  "ECONNRESET",
  "ECONNREFUSED",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
]);

/** What chance and time are to a retry; tests bring their own. */
export type RetryClock = {
  /** From 0 up to 1. */
  random(): number;
  sleep(milliseconds: number): Promise<void>;
};

/** The system's. */
export const SYSTEM_CLOCK: RetryClock & { now(): number } = {
  now: Date.now,
  random: Math.random,
  sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
};

/** Tokens that all calls of one client share: retries take some, successes give back. */
export type RetryQuota = { tokens: number };

/** @returns a full quota */
export function createRetryQuota(): RetryQuota {
  return { tokens: QUOTA_TOKENS };
}

/** @returns why an error is worth another attempt, or null when it is final */
function retryReason(error: unknown): "throttling" | "transient" | null {
  if (!(error instanceof AwsError)) return null;
  if (error.status === 429 || THROTTLING_NAMES.has(error.name)) return "throttling";
  if (TRANSIENT_NAMES.has(error.name) || CONNECTION_CODES.has(error.code)) return "transient";
  if (error.status !== null && TRANSIENT_STATUSES.has(error.status)) return "transient";
  const isSkew = error.name === "InvalidSignatureException" && error.message.includes("Signature expired");
  return isSkew || error.name === CLOCK_SKEW ? "transient" : null;
}

/** The name given to an error that a corrected clock may mend. */
export const CLOCK_SKEW = "ClockSkewCorrected";

/**
 * @param retriesSoFar - 0 before the first retry
 * @returns milliseconds before the next attempt
 */
export function retryDelayMs(
  reason: "throttling" | "transient",
  retriesSoFar: number,
  random: number,
  retryAfterMs: number | null,
): number {
  const base = reason === "throttling" ? THROTTLING_BASE_DELAY_MS : BASE_DELAY_MS;
  const delay = Math.floor(random * Math.min(base * 2 ** retriesSoFar, MAX_DELAY_MS));
  if (retryAfterMs === null) return delay;
  return Math.max(delay, Math.min(retryAfterMs, delay + MAX_RETRY_AFTER_EXTENSION_MS));
}

/**
 * Calls until it succeeds, is refused for good, or the attempts or the quota are used up.
 *
 * @param attempt - one try; the number counts from 1
 * @throws the last error, with its number of attempts
 */
export async function withRetries<T>(
  attempt: (number: number, maxAttempts: number) => Promise<T>,
  {
    quota,
    clock,
    maxAttempts = MAX_ATTEMPTS,
  }: { quota: RetryQuota; clock: RetryClock; maxAttempts?: number },
): Promise<T> {
  let lastCost = SUCCESS_REFUND;
  for (let number = 1; ; number++) {
    try {
      const result = await attempt(number, maxAttempts);
      quota.tokens = Math.min(QUOTA_TOKENS, quota.tokens + lastCost);
      return result;
    } catch (error) {
      if (error instanceof AwsError) error.attempts = number;
      const reason = retryReason(error);
      const cost = reason === "throttling" ? THROTTLING_RETRY_COST : RETRY_COST;
      if (reason === null || number >= maxAttempts || quota.tokens < cost) throw error;
      quota.tokens -= cost;
      lastCost = cost;
      const retryAfterMs = error instanceof AwsError ? error.retryAfterMs : null;
      await clock.sleep(retryDelayMs(reason, number - 1, clock.random(), retryAfterMs));
    }
  }
}
