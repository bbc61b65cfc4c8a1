import { invalidTime, invalidTimeSpan } from "../errors/testing-errors.js";

/** How far a clock is moved: seconds, or a text such as "90 minutes", "3 days", "1h", "250ms". */
export type TimeSpan = number | `${number}${" " | ""}${Unit}`;

type Unit =
  | ("ms" | "s" | "m" | "h" | "d" | "w")
  | `${"millisecond" | "second" | "minute" | "hour" | "day" | "week"}${"" | "s"}`;

const MS_PER_UNIT: Record<string, number> = {
  ms: 1,
  millisecond: 1,
  s: 1_000,
  second: 1_000,
  m: 60_000,
  minute: 60_000,
  h: 3_600_000,
  hour: 3_600_000,
  d: 86_400_000,
  day: 86_400_000,
  w: 604_800_000,
  week: 604_800_000,
};

/**
 * @returns milliseconds
 * @throws QueueRunError `QR_INVALID_TIME_SPAN`
 */
export function timeSpanInMs(span: unknown): number {
  if (typeof span === "number" && Number.isFinite(span) && span >= 0) return Math.round(span * 1_000);
  const [, count, unit] =
    typeof span === "string" ? (/^(\d+(?:\.\d+)?)\s*([a-z]+)$/.exec(span.trim()) ?? []) : [];
  const msPerUnit = MS_PER_UNIT[unit?.replace(/(?<=\w{3})s$/, "") ?? ""];
  if (count === undefined || msPerUnit === undefined) throw invalidTimeSpan(span);
  return Math.round(Number(count) * msPerUnit);
}

/**
 * @returns milliseconds since 1970
 * @throws QueueRunError `QR_INVALID_TIME`
 */
export function timeInMs(time: Date | string | number): number {
  const ms = typeof time === "number" ? time : new Date(time).getTime();
  if (!Number.isFinite(ms)) throw invalidTime(time);
  return ms;
}
