import type { ProjectConfig } from "@queue-run/runtime/config";
import { LAMBDA_MAX_MEMORY_MEGABYTES, LAMBDA_MIN_MEMORY_MEGABYTES } from "@queue-run/runtime/limits";
import type { Problem } from "./manifest.js";
import { problem } from "./problem.js";
import { checkQueueConfig, readPermissions } from "./queue-settings.js";
import { format, settingReader } from "./setting-reader.js";

const KEYS = [
  "name",
  "region",
  "runtime",
  "architecture",
  "memory",
  "env",
  "requiredEnv",
  "permissions",
  "http",
  "external",
  "vpc",
  "tags",
  "queues",
  "logRetention",
  "metrics",
] as const;
const TEN_YEARS_SECONDS = 3_653 * 86_400;

/**
 * Checks what queue-run.config.ts exported.
 *
 * @param given - what `export default` gave, after the function that it may be was called
 * @param problems - what is wrong is added here
 * @returns the config as it was given; an empty one when it is no object
 */
export function checkProjectConfig(file: string, given: unknown, problems: Problem[]): ProjectConfig {
  if (!isRecord(given)) {
    problems.push(
      problem(
        "QR_INVALID_CONFIG",
        file,
        null,
        `Its default export is ${format(given)}, not an object of settings.`,
        "Write export default defineConfig({ … }).",
      ),
    );
    return {};
  }
  const place = { file, at: null, positions: {} };
  const reader = settingReader(given, { ...place, setting: "defineConfig" }, problems);
  reader.unknownKeys(given, KEYS);
  const name = text("name");
  if (name !== null && !/^[A-Za-z0-9_-]+$/.test(name)) {
    reject(
      "name",
      name,
      "a project's name, which stands in AWS's names",
      "Use letters, digits, - and _ only.",
    );
  }
  text("region");
  reader.oneOf("runtime", ["nodejs24.x", "nodejs22.x"]);
  reader.oneOf("architecture", ["arm64", "x86_64"]);
  reader.oneOf("http", ["url", "api-gateway"]);
  reader.megabytes("memory", LAMBDA_MIN_MEMORY_MEGABYTES, LAMBDA_MAX_MEMORY_MEGABYTES);
  reader.duration("logRetention", 86_400, TEN_YEARS_SECONDS);
  for (const key of ["requiredEnv", "external"]) {
    if (given[key] !== undefined && !isStrings(given[key])) {
      reject(key, given[key], "a list of strings", `Write ${key}: ["NAME"].`);
    }
  }
  for (const key of ["env", "tags"]) {
    const value = given[key];
    if (
      value !== undefined &&
      !(isRecord(value) && Object.values(value).every((item) => typeof item === "string"))
    ) {
      reject(key, value, "an object of strings", `Write ${key}: { NAME: "value" }.`);
    }
  }
  if (given.metrics !== undefined && typeof given.metrics !== "boolean")
    reject("metrics", given.metrics, "true or false", "Write metrics: false to do without them.");
  const { vpc, queues } = given;
  if (vpc !== undefined && !(isRecord(vpc) && isStrings(vpc.subnetIds) && isStrings(vpc.securityGroupIds))) {
    reject("vpc", vpc, "a VPC", 'Write vpc: { subnetIds: ["subnet-…"], securityGroupIds: ["sg-…"] }.');
  }
  if (given.permissions !== undefined) readPermissions(reader);
  if (queues !== undefined) {
    if (!isRecord(queues)) reject("queues", queues, "an object", "Write queues: { timeout: 60 }.");
    else checkQueueConfig(settingReader(queues, { ...place, setting: "queues" }, problems));
  }
  return given;

  function text(key: string): string | null {
    const value = given instanceof Object ? Reflect.get(given, key) : undefined;
    if (value === undefined) return null;
    if (typeof value === "string" && value !== "") return value;
    reject(key, value, "a string", `Write ${key}: "…".`);
    return null;
  }

  function reject(key: string, value: unknown, what: string, fix: string): void {
    reader.reject(key, `${key} is ${format(value)}, which is not ${what}.`, fix);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}
