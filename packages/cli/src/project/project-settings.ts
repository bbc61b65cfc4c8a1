import { durationInSeconds, type ProjectConfig, sizeInBytes } from "@queue-run/runtime/config";

/** The settings of queue-run.config.ts that shape AWS resources, with the contract's defaults filled in. */
export type ProjectSettings = {
  /** Null: the credential profile's own, or AWS_REGION. */
  region: string | null;
  runtime: "nodejs24.x" | "nodejs22.x";
  architecture: "arm64" | "x86_64";
  memoryMegabytes: number;
  http: "url" | "api-gateway";
  vpc: { subnetIds: string[]; securityGroupIds: string[] } | null;
  /** Of the log groups. */
  logRetentionSeconds: number;
};

const DEFAULT_MEMORY_MEGABYTES = 256;
const DEFAULT_LOG_RETENTION_SECONDS = 30 * 86_400;
const BYTES_PER_MEGABYTE = 1024 ** 2;

/** @param config - as reading the project has checked it */
export function projectSettings(config: ProjectConfig): ProjectSettings {
  return {
    region: config.region ?? null,
    runtime: config.runtime ?? "nodejs24.x",
    architecture: config.architecture ?? "arm64",
    memoryMegabytes: megabytes(config.memory) ?? DEFAULT_MEMORY_MEGABYTES,
    http: config.http ?? "url",
    vpc: config.vpc ?? null,
    logRetentionSeconds: durationInSeconds(config.logRetention) ?? DEFAULT_LOG_RETENTION_SECONDS,
  };
}

/** "512MB", "1GB", or a number of MB. */
function megabytes(memory: ProjectConfig["memory"]): number | null {
  if (memory === undefined || typeof memory === "number") return memory ?? null;
  const bytes = sizeInBytes(memory);
  return bytes === null ? null : bytes / BYTES_PER_MEGABYTE;
}
