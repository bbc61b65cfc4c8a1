import type { ProjectConfig } from "@queue-run/runtime/config";
import { expect, test } from "vitest";
import { checkProjectConfig } from "./check-project-config.js";
import type { Problem } from "./manifest.js";

function problemsOf(config: unknown): string[] {
  const problems: Problem[] = [];
  checkProjectConfig("queue-run.config.ts", config, problems);
  return problems.map(({ message, fix }) => `${message} ${fix}`);
}

/** Every setting that there is, so that the type and the check go together. */
const EVERYTHING: Required<ProjectConfig> = {
  name: "my-app_2",
  region: "eu-west-1",
  runtime: "nodejs22.x",
  architecture: "x86_64",
  memory: "1GB",
  env: { A: "b" },
  requiredEnv: ["A"],
  permissions: [{ Effect: "Allow", Action: ["s3:GetObject"], Resource: ["arn:aws:s3:::bucket/*"] }],
  http: "api-gateway",
  external: ["sharp"],
  vpc: { subnetIds: ["subnet-1"], securityGroupIds: ["sg-1"] },
  tags: { team: "shop" },
  queues: { retries: 2, timeout: "1m" },
  logRetention: "7d",
  metrics: false,
};

test("takes every setting, all together and none at all", () => {
  expect(problemsOf(EVERYTHING)).toEqual([]);
  expect(problemsOf({})).toEqual([]);
});

test.each([
  ["name", "my app"],
  ["name", 5],
  ["region", ""],
  ["runtime", "nodejs18.x"],
  ["architecture", "x86"],
  ["memory", 64],
  ["memory", "lots"],
  ["env", { A: 5 }],
  ["env", ["A"]],
  ["requiredEnv", "A"],
  ["permissions", [{ Effect: "Perhaps" }]],
  ["permissions", [{ Action: "s3:*", Resource: "bucket" }]],
  ["http", "alb"],
  ["external", { sharp: true }],
  ["vpc", { subnetIds: ["subnet-1"] }],
  ["tags", { team: null }],
  ["queues", "fast"],
  ["logRetention", "1h"],
  ["metrics", "off"],
] as const)("refuses %s: %j, with its name and what to write", (key, value) => {
  const problems = problemsOf({ [key]: value });
  expect(problems).not.toEqual([]);
  for (const text of problems) expect(text).toContain(key);
});

test("refuses settings that there are not, with the nearest", () => {
  expect(problemsOf({ memmory: 512 })[0]).toContain("memory");
  expect(problemsOf("fast")[0]).toContain("defineConfig");
});
