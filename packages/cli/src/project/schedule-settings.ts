import { defaultScheduleSettings, type ScheduleSettings } from "@queue-run/runtime/config";
import {
  LAMBDA_MAX_ASYNC_RETRIES,
  LAMBDA_MAX_MEMORY_MEGABYTES,
  LAMBDA_MIN_MEMORY_MEGABYTES,
} from "@queue-run/runtime/limits";
import { timeZoneFault } from "../schedules/time-zones.js";
import { MAX_JOB_TIMEOUT_SECONDS, readPermissions } from "./queue-settings.js";
import { format, type SettingReader } from "./setting-reader.js";

const KEYS = ["timeout", "timezone", "overlap", "retries", "memory", "permissions"] as const;
const OVERLAPS = ["skip", "allow"] as const;

/**
 * Checks a schedule's config and fills in what it leaves out.
 *
 * @returns the settings; where a member was not valid, its default (the reader has the problem)
 */
export function readScheduleSettings(reader: SettingReader): ScheduleSettings {
  const defaults = defaultScheduleSettings();
  reader.unknownKeys(reader.raw(""), KEYS);
  return {
    timeoutSeconds: reader.duration("timeout", 1, MAX_JOB_TIMEOUT_SECONDS) ?? defaults.timeoutSeconds,
    timezone: readTimeZone(reader) ?? defaults.timezone,
    overlap: reader.oneOf("overlap", OVERLAPS) ?? defaults.overlap,
    retries:
      reader.wholeNumber(
        "retries",
        0,
        LAMBDA_MAX_ASYNC_RETRIES,
        "Lambda runs a schedule again no more often; for more, push a job to a queue.",
      ) ?? defaults.retries,
    memoryMegabytes: reader.megabytes("memory", LAMBDA_MIN_MEMORY_MEGABYTES, LAMBDA_MAX_MEMORY_MEGABYTES),
    permissions: readPermissions(reader) ?? defaults.permissions,
  };
}

function readTimeZone(reader: SettingReader): string | null {
  const given = reader.raw("timezone");
  if (given === undefined) return null;
  const fault =
    typeof given === "string"
      ? timeZoneFault(given)
      : { message: `config.timezone is ${format(given)}.`, fix: 'Name one, such as "Europe/Berlin".' };
  if (fault === null) return given as string;
  reader.reject("timezone", fault.message, fault.fix);
  return null;
}
