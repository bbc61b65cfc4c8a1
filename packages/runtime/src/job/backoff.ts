import type { Backoff } from "../config/queue-config.js";

/**
 * Longest wait before another attempt, in seconds. SQS keeps a message invisible for twelve hours at most, counted
 * from its receipt (`SQS_MAX_VISIBILITY_TIMEOUT_SECONDS`); the attempt itself has taken some of that.
 */
export const MAX_RETRY_DELAY_SECONDS = 11 * 3_600;

/** Spreads retries of jobs that failed together: by at most this share, either way. */
const JITTER = 0.2;

/** How a job's attempts are spaced: the queue's settings, or what its push asked for. */
export type BackoffRule = { backoff: Backoff; backoffDelaySeconds: number };

/**
 * How long a job waits after a failed attempt.
 *
 * @param rule - exponential: base·2ⁿ⁻¹, linear: base·n, none: at once
 * @param attempt - the attempt that failed, from 1
 * @param random - 0 inclusive to 1 exclusive: ±20%
 * @returns whole seconds, rounded up, at most 11 hours
 */
export function retryDelaySeconds(rule: BackoffRule, attempt: number, random: () => number): number {
  const { backoff, backoffDelaySeconds: base } = rule;
  if (backoff === "none" || base <= 0) return 0;
  const delay = backoff === "linear" ? base * attempt : base * 2 ** (attempt - 1);
  return Math.min(Math.ceil(delay * (1 - JITTER + 2 * JITTER * random())), MAX_RETRY_DELAY_SECONDS);
}
