import { defaultRouteSettings, type RouteSettings } from "@queue-run/runtime/config";
import { LAMBDA_MAX_PAYLOAD_BYTES } from "@queue-run/runtime/limits";
import { MAX_JOB_TIMEOUT_SECONDS } from "./queue-settings.js";
import type { SettingReader } from "./setting-reader.js";

const KEYS = ["accepts", "methods", "cors", "cache", "etag", "timeout", "maxBody"] as const;
const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/** Members of a route's config that may be any expression: the runtime reads them from the module. */
export const RUNTIME_ONLY_ROUTE_SETTINGS: ReadonlySet<string> = new Set(["cache", "etag"]);

/**
 * Checks a route's config and fills in what it leaves out.
 *
 * @returns the settings; where a member was not valid, its default (the reader has the problem)
 */
export function readRouteSettings(reader: SettingReader): RouteSettings {
  const settings = defaultRouteSettings();
  reader.unknownKeys(reader.raw(""), KEYS);
  settings.accepts = reader.strings("accepts");
  settings.methods = readMethods(reader);
  settings.cors = reader.boolean("cors") ?? settings.cors;
  settings.timeoutSeconds = reader.duration("timeout", 1, MAX_JOB_TIMEOUT_SECONDS) ?? settings.timeoutSeconds;
  settings.maxBodyBytes = reader.size("maxBody", 1, LAMBDA_MAX_PAYLOAD_BYTES) ?? settings.maxBodyBytes;
  return settings;
}

function readMethods(reader: SettingReader): string[] | null {
  const methods = reader.strings("methods")?.map((method) => method.toUpperCase()) ?? null;
  const unknown = methods?.find((method) => method !== "*" && !METHODS.includes(method));
  if (unknown) {
    reader.reject(
      "methods",
      `config.methods has "${unknown}".`,
      `Use ${METHODS.join(", ")}, or leave it out for all.`,
    );
    return null;
  }
  return methods?.includes("*") ? null : methods;
}
