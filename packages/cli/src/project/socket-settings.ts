import { defaultSocketSettings, type SocketSettings } from "@queue-run/runtime/config";
import {
  LAMBDA_MAX_MEMORY_MEGABYTES,
  LAMBDA_MIN_MEMORY_MEGABYTES,
  SOCKET_MAX_TIMEOUT_SECONDS,
} from "@queue-run/runtime/limits";
import { readPermissions } from "./queue-settings.js";
import type { SettingReader } from "./setting-reader.js";

const KEYS = ["timeout", "memory", "permissions"] as const;

/**
 * Checks the socket's config and fills in what it leaves out.
 *
 * @returns the settings; where a member was not valid, its default (the reader has the problem)
 */
export function readSocketSettings(reader: SettingReader): SocketSettings {
  const defaults = defaultSocketSettings();
  reader.unknownKeys(reader.raw(""), KEYS);
  return {
    timeoutSeconds: reader.duration("timeout", 1, SOCKET_MAX_TIMEOUT_SECONDS) ?? defaults.timeoutSeconds,
    memoryMegabytes: reader.megabytes("memory", LAMBDA_MIN_MEMORY_MEGABYTES, LAMBDA_MAX_MEMORY_MEGABYTES),
    permissions: readPermissions(reader) ?? defaults.permissions,
  };
}
