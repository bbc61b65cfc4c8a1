import { durationInSeconds } from "@queue-run/runtime/config";
import { InvalidArgumentError } from "commander";

/**
 * @param text - "10m", "2h", or a time in ISO 8601
 * @returns how long ago that is, in milliseconds
 */
export function sinceArgument(text: string): number {
  const seconds = durationInSeconds(text);
  if (seconds !== null) return seconds * 1_000;
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw new InvalidArgumentError('It is a length of time, such as "2h", or a time.');
  return Math.max(0, Date.now() - time);
}
