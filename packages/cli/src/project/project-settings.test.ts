import { expect, test } from "vitest";
import { projectSettings } from "./project-settings.js";

test("has the contract's defaults", () => {
  expect(projectSettings({})).toEqual({
    region: null,
    runtime: "nodejs24.x",
    architecture: "arm64",
    memoryMegabytes: 256,
    http: "url",
    vpc: null,
    logRetentionSeconds: 30 * 86_400,
  });
});

test.each([
  [512, 512],
  ["512MB", 512],
  ["1GB", 1024],
  ["1.5GB", 1536],
] as const)("memory %s is %d MB", (memory, expected) => {
  expect(projectSettings({ memory }).memoryMegabytes).toBe(expected);
});

test("takes what is set", () => {
  const vpc = { subnetIds: ["subnet-1"], securityGroupIds: ["sg-1"] };
  expect(
    projectSettings({
      region: "eu-west-1",
      architecture: "x86_64",
      http: "api-gateway",
      vpc,
      logRetention: "7d",
    }),
  ).toMatchObject({
    region: "eu-west-1",
    architecture: "x86_64",
    http: "api-gateway",
    vpc,
    logRetentionSeconds: 7 * 86_400,
  });
});
