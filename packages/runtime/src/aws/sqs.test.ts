import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { InstanceConfig } from "../config/instance.js";
import { processCredentials } from "./credentials.js";
import { isLoopback, resolveServiceEndpoint, resolveSqsEndpoint } from "./endpoint.js";
import { sqsClient } from "./sqs.js";

const queueUrlPrefix = "https://sqs.cn-north-1.amazonaws.com.cn/123456789012/";

describe("where requests go", () => {
  test.each([
    [{ queueUrlPrefix }, {}, "https://sqs.cn-north-1.amazonaws.com.cn"],
    [{ queueUrlPrefix }, { AWS_ENDPOINT_URL: "http://a" }, "http://a"],
    [{ queueUrlPrefix }, { AWS_ENDPOINT_URL: "http://a", AWS_ENDPOINT_URL_SQS: "http://b" }, "http://b"],
    [
      { queueUrlPrefix },
      { AWS_ENDPOINT_URL: "http://a", AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "true" },
      "https://sqs.cn-north-1.amazonaws.com.cn",
    ],
    [
      { queueUrlPrefix, endpoint: "http://127.0.0.1:9324" },
      { AWS_ENDPOINT_URL: "http://a" },
      "http://127.0.0.1:9324",
    ],
  ])("with %j and %j is %s", (sqs, env, endpoint) => {
    expect(resolveSqsEndpoint(sqs, env as NodeJS.ProcessEnv)).toBe(endpoint);
  });

  test.each([
    [{}, "https://dynamodb.cn-north-1.amazonaws.com.cn"],
    [{ AWS_ENDPOINT_URL: "http://a", AWS_ENDPOINT_URL_SQS: "http://b" }, "http://a"],
    [{ AWS_ENDPOINT_URL: "http://a", AWS_ENDPOINT_URL_DYNAMODB: "http://c" }, "http://c"],
    [
      { AWS_ENDPOINT_URL_DYNAMODB: "http://c", AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "TRUE" },
      "https://dynamodb.cn-north-1.amazonaws.com.cn",
    ],
  ])("with %j the stage's table is at %s", (env, endpoint) => {
    expect(resolveServiceEndpoint("DYNAMODB", queueUrlPrefix, env as NodeJS.ProcessEnv)).toBe(endpoint);
  });

  test.each([
    ["http://localhost:1", true],
    ["http://127.0.0.1:1/path", true],
    ["http://127.9.9.9", true],
    ["http://[::1]:1", true],
    ["http://127.0.0.1.example.com", false],
    ["http://localhost.example.com", false],
    ["http://0.0.0.0", false],
    ["http://[::]", false],
    ["https://sqs.us-east-1.amazonaws.com", false],
  ])("%s is this machine: %s", (url, expected) => {
    expect(isLoopback(url)).toBe(expected);
  });
});

describe("the client of an instance", () => {
  const config = (sqs: Partial<InstanceConfig["sqs"]>, stage = "dev"): InstanceConfig => ({
    project: "p",
    stage,
    queues: {},
    sqs: { region: "us-east-1", queueUrlPrefix, ...sqs },
    baseUrl: null,
    readableLogs: false,
  });

  test("refuses another machine in development, unless it was asked for", async () => {
    await expect(sqsClient(config({ endpoint: "http://elasticmq:9324" }))).rejects.toMatchObject({
      code: "QR_ENDPOINT_NOT_LOCAL",
    });
    await expect(sqsClient(config({}))).rejects.toMatchObject({ code: "QR_ENDPOINT_NOT_LOCAL" });
    await sqsClient(config({ endpoint: "http://elasticmq:9324", allowRemoteEndpoint: true }));
    await sqsClient(config({}, "prod"));
  });

  test("is one for all calls", async () => {
    const instance = config({ endpoint: "http://localhost:1" });
    expect(await sqsClient(instance)).toBe(await sqsClient(instance));
  });
});

describe("credentials of the process", () => {
  const saved = { ...process.env };
  afterEach(() => {
    process.env = { ...saved };
  });

  test("are those of the environment, read anew each time", async () => {
    const env: NodeJS.ProcessEnv = {
      AWS_ACCESS_KEY_ID: "a",
      AWS_SECRET_ACCESS_KEY: "b",
      AWS_SESSION_TOKEN: "c",
    };
    expect(await processCredentials(env)).toEqual({
      accessKeyId: "a",
      secretAccessKey: "b",
      sessionToken: "c",
    });
    env.AWS_ACCESS_KEY_ID = "rotated";
    expect((await processCredentials(env)).accessKeyId).toBe("rotated");
  });

  test("come from the SDK's provider chain otherwise", async () => {
    for (const name of Object.keys(process.env)) if (name.startsWith("AWS_")) delete process.env[name];
    const file = fileURLToPath(new URL("./testing/credentials.ini", import.meta.url));
    Object.assign(process.env, {
      AWS_SHARED_CREDENTIALS_FILE: file,
      AWS_CONFIG_FILE: file,
      AWS_EC2_METADATA_DISABLED: "true",
    });
    expect(await processCredentials(process.env)).toMatchObject({
      accessKeyId: "from-the-profile",
      secretAccessKey: "its-secret",
    });
  });

  test("come from the chain that `start` or `exec` names", async () => {
    vi.resetModules();
    const { processCredentials: fresh } = await import("./credentials.js");
    const module = `data:text/javascript,export const defaultProvider = () => async () => ({
      accessKeyId: "a", secretAccessKey: "b"
    });`;
    expect(await fresh({ QUEUE_RUN_CREDENTIAL_CHAIN: module.replaceAll("\n", "") })).toMatchObject({
      accessKeyId: "a",
    });
  });
});
