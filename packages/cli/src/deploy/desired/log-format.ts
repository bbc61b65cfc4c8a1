import type { LoggingConfig } from "@aws-sdk/client-lambda";

/**
 * How functions log: JSON, which is what the runtime writes, and all of it. Where nothing is said, Lambda drops the lines of
 * `console.debug` and `console.trace`, which development shows. Lambda Developer Guide, "Log-level filtering".
 */
export const LOG_FORMAT = {
  LogFormat: "JSON",
  ApplicationLogLevel: "TRACE",
} as const satisfies LoggingConfig;

/** @returns a log format for people: "JSON from TRACE" */
export function describeLogFormat({ LogFormat = "Text", ApplicationLogLevel }: LoggingConfig = {}): string {
  return ApplicationLogLevel ? `${LogFormat} from ${ApplicationLogLevel}` : LogFormat;
}
