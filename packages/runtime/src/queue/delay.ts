import type { QueueLink } from "../config/instance.js";
import { delayAndDate, delayTooLong, invalidDate, invalidDelay } from "../errors/push-errors.js";
import { SQS_MAX_DELAY_SECONDS } from "../limits/index.js";
import { durationInSeconds } from "../values/duration.js";

/** When a job is due. */
export type Due = {
  /** For SQS's DelaySeconds: whole seconds, rounded up so that a job is never early. 0: at once. */
  delaySeconds: number;
  /** EventBridge Scheduler sends it when it is due: SQS cannot delay it, or not for so long. */
  byScheduler: boolean;
  /** Milliseconds since 1970; null: at once. */
  dueAt: number | null;
};

/** A year: as far ahead as a push may be. */
const MAX_DELAY_SECONDS = 365 * 86_400;
const ISO_8601 =
  /^[+-]?\d{4,6}-(\d{2})-(\d{2})(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/i;

/**
 * @param now - milliseconds since 1970
 * @throws QR_INVALID_DELAY, QR_INVALID_DATE, QR_DELAY_TOO_LONG
 */
export function resolveDue(
  link: QueueLink,
  { delay, at }: { delay?: unknown; at?: unknown },
  now: number,
): Due {
  const seconds = secondsFromNow(link.name, delay, at, now);
  if (seconds <= 0) return { delaySeconds: 0, byScheduler: false, dueAt: null };
  if (seconds > MAX_DELAY_SECONDS) throw delayTooLong(link.name, seconds, MAX_DELAY_SECONDS);
  const delaySeconds = Math.ceil(seconds);
  const byScheduler = link.fifo || delaySeconds > SQS_MAX_DELAY_SECONDS;
  return {
    delaySeconds: byScheduler ? 0 : delaySeconds,
    byScheduler,
    dueAt: now + Math.round(seconds * 1000),
  };
}

function secondsFromNow(queueName: string, delay: unknown, at: unknown, now: number): number {
  const hasDelay = delay !== undefined && delay !== null;
  const hasDate = at !== undefined && at !== null;
  if (hasDelay && hasDate) throw delayAndDate(queueName);
  if (hasDate) {
    const time = toTime(at);
    if (time === null) throw invalidDate(queueName, at);
    return (time - now) / 1000;
  }
  if (!hasDelay) return 0;
  const seconds = durationInSeconds(delay);
  if (seconds === null) throw invalidDelay(queueName, delay);
  return seconds;
}

/** @returns milliseconds since 1970, or null when it is not a point in time */
function toTime(at: unknown): number | null {
  if (at instanceof Date) return Number.isNaN(at.getTime()) ? null : at.getTime();
  const match = typeof at === "string" ? ISO_8601.exec(at) : null;
  if (!match || typeof at !== "string") return null;
  const time = Date.parse(at);
  return Number.isNaN(time) || !isDayOfMonth(at, Number(match[1]), Number(match[2])) ? null : time;
}

/** Date.parse takes the 30th of February for the 2nd of March. */
function isDayOfMonth(at: string, month: number, day: number): boolean {
  const year = Number.parseInt(at, 10);
  return day >= 1 && day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}
