import { durationInSeconds } from "@queue-run/runtime/config";
import { InvalidArgumentError } from "commander";

/**
 * @param text - "10m", "2h", a number of seconds, or a time in ISO 8601
 * @returns how long ago that is, in milliseconds
 */
export function sinceArgument(text: string): number {
  const seconds = durationInSeconds(/^\d+(\.\d+)?$/.test(text) ? Number(text) : text);
  if (seconds !== null) return seconds * 1_000;
  // Date.parse takes far more for a time than is one: "5" for a May, "60" for 1960.
  const time = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time))
    throw new InvalidArgumentError(
      'It is a length of time, such as "2h", or a time, such as 2027-01-01T09:00:00Z.',
    );
  return Math.max(0, Date.now() - time);
}
