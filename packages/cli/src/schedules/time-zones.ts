import { nearestName } from "@queue-run/runtime/names";
import type { ScheduleFault } from "./cron-fields.js";

/** Any year will do: zones that use daylight-saving time do so every year. */
const SAMPLED_YEAR = 2030;
const MINUTE_MS = 60_000;

/**
 * Checks that a time zone is one of the IANA database's, written as it is there: AWS refuses any other.
 *
 * @returns null when it is
 */
export function timeZoneFault(name: string): ScheduleFault | null {
  const known = knownTimeZones();
  const sameLetters = known.find((zone) => zone.toLowerCase() === name.toLowerCase());
  if (sameLetters === name) return null;
  const suggested = sameLetters ?? nearestName(name, known);
  const isKnown = /^[A-Za-z]/.test(name) && sameLetters === undefined && isUnderstood(name);
  if (isKnown) return null;
  return {
    message: `"${name}" is not a time zone.`,
    fix: suggested
      ? `Did you mean "${suggested}"?`
      : 'Name one of the IANA database, such as "Europe/Berlin" or "America/New_York"; leave it out for UTC.',
  };
}

/** Those with a name of their own; others ("US/Eastern") are names that are kept for these. */
function knownTimeZones(): string[] {
  return ["UTC", ...Intl.supportedValuesOf("timeZone")];
}

function isUnderstood(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }) !== null;
  } catch {
    return false;
  }
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** @returns by how much the zone's clocks are ahead of UTC at that time, in milliseconds */
export function timeZoneOffsetMs(timeZone: string, atMs: number): number {
  if (timeZone === "UTC") return 0;
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    formats.set(timeZone, format);
  }
  const parts: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {};
  for (const { type, value } of format.formatToParts(atMs)) parts[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  const wallMs = Date.UTC(year, month - 1, day, hour, minute, second);
  return wallMs - Math.floor(atMs / 1_000) * 1_000;
}

/** @returns whether the zone's clocks always show the minutes that UTC's do */
export function hasWholeHours(timeZone: string): boolean {
  return Array.from({ length: 12 }, (_, month) => Date.UTC(SAMPLED_YEAR, month, 1)).every(
    (atMs) => timeZoneOffsetMs(timeZone, atMs) % (60 * MINUTE_MS) === 0,
  );
}

/** "2026-11-23 09:00", as clocks in the time zone show it. */
export function wallClockText(atMs: number, timeZone: string): string {
  // Swedes write dates as ISO 8601 does.
  return new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeStyle: "short", timeZone }).format(atMs);
}
