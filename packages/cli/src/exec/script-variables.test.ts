import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { LOCAL_DELAYS } from "../dev/services/delays-service.js";
import { stageVariables } from "../remote-sqs/stage-variables.js";
import { devScriptEnvironment, stageScriptEnvironment } from "./script-environment.js";
import { scriptVariables } from "./script-variables.js";

const queues = [{ name: "emails", fifo: false, jobs: ["default"], maxPayloadBytes: null, track: false }];
const prod = stageScriptEnvironment({
  project: "shop",
  stage: "prod",
  region: "eu-west-1",
  queueUrlPrefix: "https://sqs.eu-west-1.amazonaws.com/123456789012/",
  queues,
  variables: stageVariables({ project: "shop", stage: "prod", region: "eu-west-1", account: "123456789012" }),
});

function rootWith(env: string): string {
  const root = mkdtempSync(join(tmpdir(), "queue-run-exec-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  writeFileSync(join(root, ".env"), env);
  return root;
}

test("a stage's script has the shell's variables and its own region, and no .env", () => {
  const root = rootWith("FROM_FILE=1\n");
  const shell = {
    AWS_REGION: "us-east-1",
    QUEUE_RUN_SQS_ENDPOINT: "http://of-another-exec",
    QUEUE_RUN_TABLE: "of-another",
    PATH: "/bin",
  };
  const variables = scriptVariables(prod, { root, shell, isDevelopment: false });
  expect(variables).toMatchObject({
    AWS_REGION: "us-east-1",
    PATH: "/bin",
    QUEUE_RUN_STAGE: "prod",
    QUEUE_RUN_SQS_REGION: "eu-west-1",
    QUEUE_RUN_QUEUES: '[{"name":"emails"}]',
    QUEUE_RUN_TABLE: "shop-prod",
  });
  expect(variables).not.toHaveProperty("FROM_FILE");
  expect(variables).not.toHaveProperty("QUEUE_RUN_SQS_ENDPOINT");
});

test("in development a script has what .env says, unless the shell says otherwise, and the local endpoint", () => {
  const root = rootWith("FROM_FILE=file\nBOTH=file\n");
  const dev = devScriptEnvironment({
    project: "shop",
    stage: "dev",
    queues: {},
    sqs: {
      region: "us-east-1",
      endpoint: "http://127.0.0.1:9324",
      queueUrlPrefix: "http://127.0.0.1:9324/0/",
    },
    table: { name: "queue-run-dev", endpoint: "http://127.0.0.1:9324" },
    delays: { ...LOCAL_DELAYS, endpoint: "http://127.0.0.1:9324" },
    baseUrl: "http://localhost:8000",
    readableLogs: true,
  });
  expect(scriptVariables(dev, { root, shell: { BOTH: "shell" }, isDevelopment: true })).toMatchObject({
    FROM_FILE: "file",
    BOTH: "shell",
    QUEUE_RUN_URL: "http://localhost:8000",
    QUEUE_RUN_SQS_ENDPOINT: "http://127.0.0.1:9324",
    QUEUE_RUN_TABLE: "queue-run-dev",
    QUEUE_RUN_DELAY_GROUP: "queue-run-dev",
    QUEUE_RUN_SERVICES_ENDPOINT: "http://127.0.0.1:9324",
  });
});
