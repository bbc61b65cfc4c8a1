import { expect, test } from "vitest";
import { startEnvironment } from "./start-environment.js";

const facts = {
  project: { name: "shop", stage: "prod", settings: { env: { FROM: "config", CONFIG: "1" } } },
  region: "eu-west-1",
  queueUrlPrefix: "https://sqs.eu-west-1.amazonaws.com/123456789012/",
  stageVariables: null,
  ownUrl: "http://localhost:8000",
  flags: {},
  shell: {},
};

test("ours comes first, then -e, the shell, and queue-run.config.ts", () => {
  const shell = {
    FROM: "shell",
    SHELL_ONLY: "1",
    NODE_ENV: "test",
    QUEUE_RUN_STAGE: "x",
    AWS_REGION: "us-east-1",
  };
  expect(startEnvironment({ ...facts, shell, flags: { FROM: "flag" } })).toMatchObject({
    CONFIG: "1",
    FROM: "flag",
    SHELL_ONLY: "1",
    NODE_ENV: "production",
    QUEUE_RUN_PROJECT: "shop",
    QUEUE_RUN_STAGE: "prod",
    AWS_REGION: "eu-west-1",
    QUEUE_RUN_URL: "http://localhost:8000",
  });
});

test("whoever knows the project's public address says so", () => {
  const shell = { QUEUE_RUN_URL: "https://shop.example" };
  expect(startEnvironment({ ...facts, shell }).QUEUE_RUN_URL).toBe("https://shop.example");
});

test("names the SDK's chain of credential providers by a URL that can be imported", async () => {
  const { QUEUE_RUN_CREDENTIAL_CHAIN: url = "" } = startEnvironment(facts);
  expect(await import(url)).toHaveProperty("defaultProvider");
});

test("a required variable without a value stops it", () => {
  const settings = { requiredEnv: ["STRIPE_KEY", "CONFIG"], env: { CONFIG: "" } };
  const start = () => startEnvironment({ ...facts, project: { ...facts.project, settings } });
  expect(start).toThrow(
    expect.objectContaining({
      code: "QR_REQUIRED_ENV",
      message: expect.stringContaining("STRIPE_KEY, CONFIG"),
    }),
  );
});
