import { type Call, nameOf } from "./call.js";

/** Calls of a service that are answered TooManyRequestsException when they come faster. */
export type RateLimit = { service: string; perSecond: number };

/** A token bucket that holds the calls of one second. @returns whether a call is one too many */
export function createRateLimiter(
  limits: readonly RateLimit[],
  now: () => number = Date.now,
): (call: Call) => boolean {
  const buckets = new Map(
    limits.map(({ service, perSecond }) => [service, { perSecond, tokens: perSecond, at: now() }]),
  );
  return (call) => {
    const bucket = buckets.get(call.service);
    if (!bucket || nameOf(call) === "lambda:Invoke") return false;
    const time = now();
    bucket.tokens = Math.min(
      bucket.perSecond,
      bucket.tokens + ((time - bucket.at) / 1_000) * bucket.perSecond,
    );
    bucket.at = time;
    if (bucket.tokens < 1) return true;
    bucket.tokens--;
    return false;
  };
}
