import { describe, expect, test } from "vitest";
import { TEST_SCOPE, type TestProject, testDesired } from "../testing/test-project.js";
import type { DesiredFunction, DesiredState } from "./desired-state.js";

const TAGS = { "queue-run:project": "shop", "queue-run:stage": "prod" };
const sqs = (name: string) => `arn:aws:sqs:eu-west-1:123456789012:${name}`;

function queue(desired: DesiredState, role: "queue" | "dead-letter") {
  return desired.queues.find((each) => each.role === role);
}

function fn(project: TestProject, id: string, scope = TEST_SCOPE): DesiredFunction {
  const found = testDesired(project, scope).functions.find((each) => each.id === id);
  if (!found) throw new Error(`There is no function ${id}.`);
  return found;
}

describe("queues", () => {
  test("a standard queue has each attribute that a project may set, and SQS's default of others", () => {
    const desired = testDesired({ queues: { emails: {} } });
    expect(queue(desired, "queue")).toEqual({
      unit: "queue:emails",
      name: "emails",
      file: "queues/emails.ts",
      role: "queue",
      physicalName: "shop-prod-emails",
      arn: sqs("shop-prod-emails"),
      fifo: false,
      attributes: {
        DelaySeconds: "0",
        MaximumMessageSize: "1048576",
        ReceiveMessageWaitTimeSeconds: "0",
        VisibilityTimeout: "1860",
        MessageRetentionPeriod: "604800",
        RedrivePolicy: JSON.stringify({
          deadLetterTargetArn: sqs("shop-prod-emails-dlq"),
          maxReceiveCount: 100,
        }),
      },
      tags: { ...TAGS, "queue-run:kind": "queue", "queue-run:name": "emails" },
    });
    expect(queue(desired, "dead-letter")).toEqual({
      unit: "queue:emails",
      name: "emails",
      file: "queues/emails.ts",
      role: "dead-letter",
      physicalName: "shop-prod-emails-dlq",
      arn: sqs("shop-prod-emails-dlq"),
      fifo: false,
      attributes: {
        DelaySeconds: "0",
        MaximumMessageSize: "1048576",
        ReceiveMessageWaitTimeSeconds: "0",
        VisibilityTimeout: "30",
        MessageRetentionPeriod: "1209600",
      },
      tags: { ...TAGS, "queue-run:kind": "dead-letter-queue", "queue-run:name": "emails" },
    });
  });

  test("a FIFO queue and its dead-letter queue are of high throughput", () => {
    const desired = testDesired({ queues: { "orders.fifo": {} } });
    for (const role of ["queue", "dead-letter"] as const)
      expect(queue(desired, role)).toMatchObject({
        fifo: true,
        attributes: {
          ContentBasedDeduplication: "false",
          DeduplicationScope: "messageGroup",
          FifoThroughputLimit: "perMessageGroupId",
        },
      });
    expect(desired.queues.map(({ physicalName }) => physicalName)).toEqual([
      "shop-prod-orders-dlq.fifo",
      "shop-prod-orders.fifo",
    ]);
  });

  test("a dead-letter queue stands before the queue that names it", () => {
    const { queues } = testDesired({ queues: { b: {}, a: {} } });
    expect(queues.map(({ role }) => role)).toEqual(["dead-letter", "queue", "dead-letter", "queue"]);
  });
});

describe("functions", () => {
  test("a queue's", () => {
    const { tags, role, code, ...rest } = fn({ queues: { emails: { concurrency: 4 } } }, "queue:emails");
    expect(rest).toEqual({
      unit: "function:queue:emails",
      id: "queue:emails",
      kind: "queue",
      file: "queues/emails.ts",
      physicalName: "shop-prod-queue-emails",
      arn: "arn:aws:lambda:eu-west-1:123456789012:function:shop-prod-queue-emails",
      configuration: {
        runtime: "nodejs24.x",
        architecture: "arm64",
        handler: "index.handler",
        memoryMegabytes: 256,
        timeoutSeconds: 310,
        vpc: null,
      },
      environment: {
        variables: {
          NODE_ENV: "production",
          QUEUE_RUN_PROJECT: "shop",
          QUEUE_RUN_STAGE: "prod",
          QUEUE_RUN_SQS_URL_PREFIX: "https://sqs.eu-west-1.amazonaws.com/123456789012/",
        },
        origins: {
          NODE_ENV: "ours",
          QUEUE_RUN_PROJECT: "ours",
          QUEUE_RUN_STAGE: "ours",
          QUEUE_RUN_SQS_URL_PREFIX: "ours",
        },
        withUrl: false,
        withSocketUrl: false,
      },
      logGroup: {
        name: "/aws/lambda/shop-prod-queue-emails",
        retentionDays: 30,
        tags: { ...TAGS, "queue-run:kind": "log-group", "queue-run:name": "queue:emails" },
      },
      recursiveLoop: "Allow",
      mapping: {
        queueArn: sqs("shop-prod-emails"),
        functionArn: "arn:aws:lambda:eu-west-1:123456789012:function:shop-prod-queue-emails:live",
        batchSize: 2,
        batchWindowSeconds: 0,
        maximumConcurrency: 2,
      },
      asyncInvocation: null,
      sendsTo: [],
    });
    expect(tags).toEqual({ ...TAGS, "queue-run:kind": "function", "queue-run:name": "queue:emails" });
    expect(role.name).toBe("shop-prod-queue-emails");
    expect(code).toMatchObject({ from: "zip", bytes: 1_000 });
  });

  test("the API's has the time of its slowest route, and answers what its endpoint sends", () => {
    const routes = { "/": {}, "/slow": { timeoutSeconds: 25 } };
    expect(fn({ routes }, "api")).toMatchObject({
      physicalName: "shop-prod-api",
      configuration: { timeoutSeconds: 30 },
      environment: { withUrl: true },
      recursiveLoop: "Terminate",
      mapping: null,
    });
    const behindGateway = fn({ routes, queues: { a: {} }, settings: { http: "api-gateway" } }, "api");
    expect(behindGateway.environment.variables.QUEUE_RUN_HTTP).toBe("api-gateway");
    const other = fn({ routes, queues: { a: {} }, settings: { http: "api-gateway" } }, "queue:a");
    expect(other.environment.variables).not.toHaveProperty("QUEUE_RUN_HTTP");
    expect(other.environment.withUrl).toBe(true);
  });

  test("a schedule's may take its lease, where its runs must not overlap", () => {
    const schedules = { nightly: { retries: 2 }, often: { overlap: "allow" as const } };
    const nightly = fn({ schedules }, "schedule:nightly");
    expect(nightly).toMatchObject({
      physicalName: "shop-prod-schedule-nightly",
      asyncInvocation: { maximumRetryAttempts: 2, maximumEventAgeSeconds: 3_600 },
      environment: { variables: { QUEUE_RUN_TABLE: "shop-prod" } },
    });
    expect(nightly.role.statements.at(-1)).toEqual({
      Effect: "Allow",
      Action: ["dynamodb:UpdateItem", "dynamodb:DeleteItem"],
      Resource: ["arn:aws:dynamodb:eu-west-1:123456789012:table/shop-prod"],
      Condition: { "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": ["schedule#nightly"] } },
    });
    expect(fn({ schedules }, "schedule:often").role.statements).toHaveLength(1);
  });

  test("the socket's has the time of one message, and may use connections", () => {
    expect(
      fn({ socket: { timeoutSeconds: 10, memoryMegabytes: 512 }, routes: { "/": {} } }, "socket"),
    ).toMatchObject({
      physicalName: "shop-prod-socket",
      file: "socket/index.ts",
      kind: "socket",
      configuration: { timeoutSeconds: 11, memoryMegabytes: 512 },
      environment: { variables: { QUEUE_RUN_TABLE: "shop-prod" }, withUrl: true, withSocketUrl: true },
      recursiveLoop: "Terminate",
      mapping: null,
      asyncInvocation: null,
    });
    expect(fn({ socket: {}, routes: { "/": {} } }, "api").environment.withSocketUrl).toBe(true);
  });

  test.each<[TestProject["settings"], Partial<DesiredFunction["configuration"]>]>([
    [{ memory: "1GB" }, { memoryMegabytes: 1_024 }],
    [{ runtime: "nodejs22.x" }, { runtime: "nodejs22.x" }],
    [{ architecture: "x86_64" }, { architecture: "x86_64" }],
  ])("with the project's settings %j", (settings, configuration) => {
    expect(fn({ queues: { a: {} }, settings }, "queue:a").configuration).toMatchObject(configuration);
  });

  test.each([
    ["1d", 1],
    ["2d", 3],
    ["30d", 30],
    ["31d", 60],
    ["400d", 400],
    ["3653d", 3_653],
  ] as const)(
    "log lines are kept for %s, or the next longer time that CloudWatch offers",
    (logRetention, days) => {
      expect(fn({ queues: { a: {} }, settings: { logRetention } }, "queue:a").logGroup.retentionDays).toBe(
        days,
      );
    },
  );
});

describe("variables", () => {
  test("ours win over -e, that over the stage's, those over the project's", () => {
    const { environment } = fn(
      {
        queues: { a: {} },
        settings: { env: { A1: "config", A2: "config", A3: "config", NODE_ENV: "config" } },
        parameter: { A2: "stage", A3: "stage", NODE_ENV: "stage" },
        flags: { A3: "flag", NODE_ENV: "flag" },
      },
      "queue:a",
    );
    expect(environment.variables).toMatchObject({
      A1: "config",
      A2: "stage",
      A3: "flag",
      NODE_ENV: "production",
    });
    expect(environment.origins).toMatchObject({
      A1: "config",
      A2: "parameter",
      A3: "flag",
      NODE_ENV: "ours",
    });
  });

  test.each([
    ["aws", "eu-west-1", "https://sqs.eu-west-1.amazonaws.com/123456789012/"],
    ["aws-cn", "cn-north-1", "https://sqs.cn-north-1.amazonaws.com.cn/123456789012/"],
    ["aws-us-gov", "us-gov-west-1", "https://sqs.us-gov-west-1.amazonaws.com/123456789012/"],
  ])("queues are found in the partition %s", (partition, region, prefix) => {
    const { environment, arn } = fn({ queues: { a: {} } }, "queue:a", { ...TEST_SCOPE, partition, region });
    expect(environment.variables.QUEUE_RUN_SQS_URL_PREFIX).toBe(prefix);
    expect(arn).toBe(`arn:${partition}:lambda:${region}:123456789012:function:shop-prod-queue-a`);
  });
});

test("names beyond AWS's limits are cut, and stay apart", () => {
  const long = "a-very-long-name-".repeat(5).slice(0, 60);
  const scope = { ...TEST_SCOPE, project: "a-project-with-a-long-name", stage: "production" };
  const desired = testDesired(
    { queues: { [`${long}-1`]: {}, [`${long}-2`]: {} }, schedules: { [`${long}-1`]: {}, [`${long}-2`]: {} } },
    scope,
  );
  const functions = desired.functions.map(({ physicalName }) => physicalName);
  const schedules = desired.scheduling?.schedules.map(({ name }) => name) ?? [];
  const queues = desired.queues.map(({ physicalName }) => physicalName);
  for (const [names, limit] of [
    [functions, 64],
    [schedules, 64],
    [queues, 80],
  ] as const) {
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name.length).toBeLessThanOrEqual(limit);
  }
  expect(desired.table.name).toBe("a-project-with-a-long-name-production");
});
