/** A length of time: a number of seconds, or a number with its unit: "500ms", "5s", "5m", "1h", "2d". */
export type Duration = number | `${number}${"ms" | "s" | "m" | "h" | "d"}`;

const SECONDS_PER_UNIT: Record<string, number> = { ms: 0.001, s: 1, m: 60, h: 3_600, d: 86_400 };

/**
 * The length of a duration.
 *
 * @param duration - seconds, or a string such as "5m"
 * @returns seconds (a fraction for milliseconds), or null when it is not a duration: a negative or infinite number,
 *   an unknown unit, anything else
 */
export function durationInSeconds(duration: unknown): number | null {
  if (typeof duration === "number") return Number.isFinite(duration) && duration >= 0 ? duration : null;
  if (typeof duration !== "string") return null;
  const match = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)$/.exec(duration.trim());
  if (!match?.[1] || !match[2]) return null;
  const millisecondsPerUnit = Math.round((SECONDS_PER_UNIT[match[2]] ?? 1) * 1000);
  return (Number(match[1]) * millisecondsPerUnit) / 1000;
}
