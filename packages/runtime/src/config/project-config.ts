import type { Duration } from "../values/duration.js";
import type { IamStatement, QueueConfig } from "./queue-config.js";

/** What queue-run.config.ts may say. */
export type ProjectConfig = {
  /** Default: the package's name. */
  name?: string;
  region?: string;
  runtime?: "nodejs24.x" | "nodejs22.x";
  architecture?: "arm64" | "x86_64";
  /** MB, or "1GB". Default 256. */
  memory?: number | `${number}${"MB" | "GB"}`;
  env?: Record<string, string>;
  /** Development warns, deploy refuses, when one of these has no value. */
  requiredEnv?: string[];
  /** IAM statements for every handler. */
  permissions?: IamStatement[];
  http?: "url" | "api-gateway";
  /** Packages that are not bundled. */
  external?: string[];
  vpc?: { subnetIds: string[]; securityGroupIds: string[] };
  tags?: Record<string, string>;
  /** Defaults for every queue's config. */
  queues?: QueueConfig;
  /** Default "30d". */
  logRetention?: Duration;
  /** Whether jobs, failures, duration and age of each queue become metrics of CloudWatch, by lines in its log. Default true. */
  metrics?: boolean;
};

export type ProjectConfigInput =
  | ProjectConfig
  | ((context: { stage: string }) => ProjectConfig | Promise<ProjectConfig>);

/** Types the settings of queue-run.config.ts; returns them as they are. */
export function defineConfig(config: ProjectConfigInput): ProjectConfigInput {
  return config;
}
