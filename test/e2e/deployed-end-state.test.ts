import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { deployInProcess } from "../harness/deploy-in-process.js";
import { type StageDumper, startStageDumper } from "../harness/dump-stage.js";
import { motoMissing } from "../harness/moto.js";
import { type Aws, startAws } from "../harness/moto-proxy.js";
import { packageProject } from "../harness/packaged-project.js";
import { comparable } from "../harness/stage-comparison.js";
import { makeProject, type TemporaryProject } from "../harness/temporary-project.js";

const missing = motoMissing();
if (missing) console.log(`What a deploy makes is not read back: ${missing}.`);

const FILES = {
  "package.json": JSON.stringify({ name: "shop", private: true, type: "module" }),
  "queue-run.config.ts": `import { defineConfig } from "queue-run";
export default defineConfig({ tags: { team: "sales" }, logRetention: "7d", env: { GREETING: "hello" } });
`,
  "queues/emails.ts": `export const config = { timeout: 60, concurrency: 20, batchSize: 5, batchWindow: 3, retention: "2d", memory: 512 };
export default async function (payload: unknown) { console.log(payload); }
`,
  "queues/exports.ts": `import { socket } from "queue-run";
export const config = { track: true };
export default async function () { await socket.send("done"); }
`,
  "queues/orders.fifo.ts": `import { queues } from "queue-run";
export default async function (payload: string) { await queues("emails").push(payload); }
`,
  "schedules/daily.ts": `export const schedule = "daily at 4:00";
export const config = { timeout: 120, timezone: "Europe/Paris", retries: 2 };
export default async function () {}
`,
  "socket/index.ts": `import { queues } from "queue-run";
export const config = { timeout: 20 };
export default async function ({ data }: { data: unknown }) { await queues("emails").push(data); }
`,
  "api/index.ts": `import { queues } from "queue-run";
export const get = () => "home";
export const post = async () => queues("orders.fifo").group("a").push(1);
`,
};

const ACCOUNT = "us-east-1:123456789012";
const arn = (service: string, resource: string) => `arn:aws:${service}:${ACCOUNT}:${resource}`;
const role = (name: string) => `arn:aws:iam::123456789012:role/queue-run/~/us-east-1/${name}`;
const URL = "https://~.lambda-url.us-east-1.on.aws";
const SOCKET_URL = "https://~.execute-api.us-east-1.amazonaws.com/~";
const SOCKET_INTEGRATION = `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${arn("lambda", "function:~-socket:live")}/invocations`;
/** Of functions that push. */
const DELAYS = {
  QUEUE_RUN_DELAY_GROUP: "~-delayed",
  QUEUE_RUN_DELAY_ROLE: role("~-delayed"),
  QUEUE_RUN_DELAY_DLQ: arn("sqs", "~-_undeliverable"),
};

const tags = (kind: string, name?: string) => ({
  team: "sales",
  "queue-run:project": "shop",
  "queue-run:stage": "~",
  "queue-run:kind": kind,
  ...(name && { "queue-run:name": name }),
});

const queue = (
  physicalName: string,
  kind: string,
  name: string,
  attributes: Record<string, unknown>,
): object => ({
  attributes: {
    ApproximateNumberOfMessages: "0",
    ApproximateNumberOfMessagesDelayed: "0",
    ApproximateNumberOfMessagesNotVisible: "0",
    DelaySeconds: "0",
    MaximumMessageSize: "1048576",
    ReceiveMessageWaitTimeSeconds: "0",
    SqsManagedSseEnabled: "true",
    QueueArn: arn("sqs", physicalName),
    ...attributes,
  },
  tags: tags(kind, name),
});
/** High throughput; our own deduplication ids, since content alone would take two jobs for one. */
const FIFO = {
  FifoQueue: "true",
  ContentBasedDeduplication: "false",
  DeduplicationScope: "messageGroup",
  FifoThroughputLimit: "perMessageGroupId",
};
const redriveTo = (deadLetterQueue: string) => ({
  deadLetterTargetArn: arn("sqs", deadLetterQueue),
  maxReceiveCount: 100,
});

const fn = (
  name: string,
  id: string,
  settings: object,
  { variables = {}, ...rest }: Record<string, unknown> & { variables?: object } = {},
): object => {
  const configuration = {
    FunctionName: name,
    Runtime: "nodejs24.x",
    Role: role(name),
    Handler: "index.handler",
    Description: "",
    MemorySize: 256,
    CodeSize: expect.any(Number),
    CodeSha256: expect.stringMatching(/^[A-Za-z0-9+/]{43}=$/),
    Environment: {
      Variables: {
        NODE_ENV: "production",
        QUEUE_RUN_PROJECT: "shop",
        QUEUE_RUN_STAGE: "~",
        QUEUE_RUN_SQS_URL_PREFIX: "https://sqs.us-east-1.amazonaws.com/123456789012/",
        QUEUE_RUN_URL: URL,
        QUEUE_RUN_SOCKET_URL: SOCKET_URL,
        GREETING: "hello",
        FROM_FLAG: "yes",
        ...variables,
      },
    },
    TracingConfig: { Mode: "PassThrough" },
    Layers: [],
    State: "Active",
    LastUpdateStatus: "Successful",
    PackageType: "Zip",
    Architectures: ["arm64"],
    EphemeralStorage: { Size: 512 },
    SnapStart: { ApplyOn: "None", OptimizationStatus: "Off" },
    LoggingConfig: { LogFormat: "JSON", ApplicationLogLevel: "TRACE", LogGroup: `/aws/lambda/${name}` },
    ...settings,
  };
  return {
    latest: configuration,
    live: configuration,
    alias: {
      AliasArn: arn("lambda", `function:${name}:live`),
      Name: "live",
      Description: "",
    },
    url: null,
    policy: null,
    invoke: null,
    recursion: "Terminate",
    mappings: [],
    tags: tags("function", id),
    ...rest,
  };
};
const mapping = (queueName: string, functionName: string, settings: object) => ({
  EventSourceArn: arn("sqs", queueName),
  FunctionArn: arn("lambda", `function:${functionName}:live`),
  State: "Enabled",
  StateTransitionReason: "USER_INITIATED",
  FunctionResponseTypes: ["ReportBatchItemFailures"],
  MaximumBatchingWindowInSeconds: 0,
  ...settings,
});

const allow = (Action: string[], Resource: string, Condition?: object) => ({
  Effect: "Allow",
  Action,
  Resource: [Resource],
  ...(Condition && { Condition }),
});
const roleOf = (id: string, service: string, statements: object[], condition?: object) => ({
  path: "/queue-run/~/us-east-1/",
  trust: {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: service },
        Action: "sts:AssumeRole",
        ...(condition && { Condition: condition }),
      },
    ],
  },
  policies: { "queue-run": { Version: "2012-10-17", Statement: statements } },
  attached: [],
  tags: tags("role", id),
});
const logging = (name: string) =>
  allow(["logs:CreateLogStream", "logs:PutLogEvents"], arn("logs", `log-group:/aws/lambda/${name}:*`));
const consuming = (name: string) =>
  allow(
    ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes"],
    arn("sqs", name),
  );
const sendingTo = (...names: string[]) => ({
  Effect: "Allow",
  Action: ["sqs:SendMessage"],
  Resource: names.map((name) => arn("sqs", name)),
});
const delaying = [
  allow(["scheduler:CreateSchedule", "scheduler:DeleteSchedule"], arn("scheduler", "schedule/~-delayed/*")),
  allow(["iam:PassRole"], role("~-delayed"), {
    StringEquals: { "iam:PassedToService": "scheduler.amazonaws.com" },
  }),
];
const itemsLike = (Action: string[], ...keys: string[]) =>
  allow(Action, arn("dynamodb", "table/~"), { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": keys } });
const sendingToSocket = [
  {
    Effect: "Allow",
    Action: ["execute-api:ManageConnections"],
    Resource: ["DELETE", "POST"].map((method) => arn("execute-api", `~/~/${method}/@connections/*`)),
  },
];
const usingConnections = itemsLike(["dynamodb:GetItem", "dynamodb:UpdateItem"], "connection#*", "user#*");
const scheduledBy = (group: string) => ({
  StringEquals: {
    "aws:SourceAccount": "123456789012",
    "aws:SourceArn": arn("scheduler", `schedule-group/${group}`),
  },
});
const logGroup = (id: string) => ({ retentionDays: 7, tags: tags("log-group", id) });

/** All that there is to be, attribute by attribute. */
const EXPECTED = {
  queues: {
    // 6 × the function's timeout and the batch window.
    "~-emails": queue("~-emails", "queue", "emails", {
      VisibilityTimeout: "423",
      MessageRetentionPeriod: "172800",
      RedrivePolicy: redriveTo("~-emails-dlq"),
    }),
    "~-emails-dlq": queue("~-emails-dlq", "dead-letter-queue", "emails", {
      VisibilityTimeout: "30",
      MessageRetentionPeriod: "1209600",
    }),
    "~-exports": queue("~-exports", "queue", "exports", {
      VisibilityTimeout: "1860",
      MessageRetentionPeriod: "604800",
      RedrivePolicy: redriveTo("~-exports-dlq"),
    }),
    "~-exports-dlq": queue("~-exports-dlq", "dead-letter-queue", "exports", {
      VisibilityTimeout: "30",
      MessageRetentionPeriod: "1209600",
    }),
    "~-_undeliverable": queue("~-_undeliverable", "undeliverable-queue", "", {
      VisibilityTimeout: "30",
      MessageRetentionPeriod: "1209600",
    }),
    "~-orders.fifo": queue("~-orders.fifo", "queue", "orders.fifo", {
      ...FIFO,
      VisibilityTimeout: "1860",
      MessageRetentionPeriod: "604800",
      RedrivePolicy: redriveTo("~-orders-dlq.fifo"),
    }),
    "~-orders-dlq.fifo": queue("~-orders-dlq.fifo", "dead-letter-queue", "orders.fifo", {
      ...FIFO,
      VisibilityTimeout: "30",
      MessageRetentionPeriod: "1209600",
    }),
  },
  functions: {
    "~-api": fn(
      "~-api",
      "api",
      { Timeout: 15 },
      {
        variables: DELAYS,
        url: {
          FunctionUrl: `${URL}/`,
          FunctionArn: arn("lambda", "function:~-api:live"),
          AuthType: "NONE",
          InvokeMode: "RESPONSE_STREAM",
        },
        policy: [
          {
            Sid: "queue-run-invoke",
            Effect: "Allow",
            Principal: "*",
            Action: "lambda:InvokeFunction",
            Resource: arn("lambda", "function:~-api:live"),
            Condition: { Bool: { "lambda:InvokedViaFunctionUrl": "true" } },
          },
          {
            Sid: "queue-run-url",
            Effect: "Allow",
            Principal: "*",
            Action: "lambda:InvokeFunctionUrl",
            Resource: arn("lambda", "function:~-api:live"),
            Condition: { StringEquals: { "lambda:FunctionUrlAuthType": "NONE" } },
          },
        ],
      },
    ),
    "~-queue-emails": fn(
      "~-queue-emails",
      "queue:emails",
      { Timeout: 70, MemorySize: 512 },
      {
        recursion: "Allow",
        mappings: [
          mapping("~-emails", "~-queue-emails", {
            BatchSize: 5,
            MaximumBatchingWindowInSeconds: 3,
            // 20 jobs at once in batches of 5.
            ScalingConfig: { MaximumConcurrency: 4 },
          }),
        ],
      },
    ),
    "~-queue-exports": fn(
      "~-queue-exports",
      "queue:exports",
      { Timeout: 310 },
      {
        variables: { QUEUE_RUN_TABLE: "~" },
        recursion: "Allow",
        mappings: [mapping("~-exports", "~-queue-exports", { BatchSize: 10 })],
      },
    ),
    "~-socket": fn(
      "~-socket",
      "socket",
      { Timeout: 21 },
      {
        variables: { ...DELAYS, QUEUE_RUN_TABLE: "~" },
        policy: [
          {
            Sid: "queue-run-socket",
            Effect: "Allow",
            Principal: { Service: "apigateway.amazonaws.com" },
            Action: "lambda:InvokeFunction",
            Resource: arn("lambda", "function:~-socket:live"),
            Condition: { ArnLike: { "AWS:SourceArn": arn("execute-api", "~/*") } },
          },
        ],
      },
    ),
    "~-queue-orders-fifo": fn(
      "~-queue-orders-fifo",
      "queue:orders.fifo",
      { Timeout: 310 },
      {
        variables: DELAYS,
        recursion: "Allow",
        mappings: [mapping("~-orders.fifo", "~-queue-orders-fifo", { BatchSize: 1 })],
      },
    ),
    "~-schedule-daily": fn(
      "~-schedule-daily",
      "schedule:daily",
      { Timeout: 130 },
      {
        variables: { QUEUE_RUN_TABLE: "~" },
        invoke: { MaximumRetryAttempts: 2, MaximumEventAgeInSeconds: 3600 },
      },
    ),
  },
  roles: {
    "~-api": roleOf("api", "lambda.amazonaws.com", [
      logging("~-api"),
      sendingTo("~-orders.fifo"),
      ...delaying,
    ]),
    "~-queue-exports": roleOf("queue:exports", "lambda.amazonaws.com", [
      logging("~-queue-exports"),
      consuming("~-exports"),
      sendingTo("~-exports-dlq"),
      ...sendingToSocket,
      itemsLike(
        ["BatchGetItem", "BatchWriteItem", "DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem"].map(
          (name) => `dynamodb:${name}`,
        ),
        "job#exports#*",
        "tag#exports#*",
      ),
      usingConnections,
    ]),
    "~-socket": roleOf("socket", "lambda.amazonaws.com", [
      logging("~-socket"),
      sendingTo("~-emails"),
      ...delaying,
      ...sendingToSocket,
      usingConnections,
    ]),
    "~-delayed": roleOf("delays", "scheduler.amazonaws.com", [sendingTo("~-*")], scheduledBy("~-delayed")),
    "~-queue-emails": roleOf("queue:emails", "lambda.amazonaws.com", [
      logging("~-queue-emails"),
      consuming("~-emails"),
      sendingTo("~-emails-dlq"),
    ]),
    "~-queue-orders-fifo": roleOf("queue:orders.fifo", "lambda.amazonaws.com", [
      logging("~-queue-orders-fifo"),
      consuming("~-orders.fifo"),
      sendingTo("~-emails", "~-orders-dlq.fifo"),
      ...delaying,
    ]),
    "~-schedule-daily": roleOf("schedule:daily", "lambda.amazonaws.com", [
      logging("~-schedule-daily"),
      // The lease that keeps its runs apart.
      allow(["dynamodb:UpdateItem", "dynamodb:DeleteItem"], arn("dynamodb", "table/~"), {
        "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": ["schedule#daily"] },
      }),
    ]),
    "~-scheduler": roleOf(
      "scheduling",
      "scheduler.amazonaws.com",
      [allow(["lambda:InvokeFunction"], arn("lambda", "function:~-schedule-daily:live"))],
      scheduledBy("~"),
    ),
  },
  logGroups: {
    "/aws/lambda/~-api": logGroup("api"),
    "/aws/lambda/~-queue-emails": logGroup("queue:emails"),
    "/aws/lambda/~-queue-exports": logGroup("queue:exports"),
    "/aws/lambda/~-socket": logGroup("socket"),
    "/aws/lambda/~-queue-orders-fifo": logGroup("queue:orders.fifo"),
    "/aws/lambda/~-schedule-daily": logGroup("schedule:daily"),
  },
  delays: {
    group: { Arn: arn("scheduler", "schedule-group/~-delayed"), Name: "~-delayed", State: "ACTIVE" },
    tags: tags("schedule-group", "delays"),
    schedules: {},
  },
  apis: {
    "~-socket": {
      api: expect.objectContaining({
        Name: "~-socket",
        ProtocolType: "WEBSOCKET",
        RouteSelectionExpression: "$request.body.action",
        Tags: tags("websocket-api"),
      }),
      integrations: [
        expect.objectContaining({
          IntegrationType: "AWS_PROXY",
          IntegrationMethod: "POST",
          IntegrationUri: SOCKET_INTEGRATION,
        }),
      ],
      routes: {
        $connect: SOCKET_INTEGRATION,
        $disconnect: SOCKET_INTEGRATION,
        $default: SOCKET_INTEGRATION,
      },
      stages: { "~": true },
    },
  },
  scheduling: {
    group: { Arn: arn("scheduler", "schedule-group/~"), Name: "~", State: "ACTIVE" },
    tags: tags("schedule-group"),
    schedules: {
      daily: {
        Arn: arn("scheduler", "schedule/~/daily"),
        FlexibleTimeWindow: { Mode: "OFF" },
        GroupName: "~",
        Name: "daily",
        ScheduleExpression: "cron(0 4 * * ? *)",
        ScheduleExpressionTimezone: "Europe/Paris",
        State: "ENABLED",
        Target: {
          Arn: arn("lambda", "function:~-schedule-daily:live"),
          Input: {
            schedule: "daily",
            scheduledAt: "<aws.scheduler.scheduled-time>",
            executionId: "<aws.scheduler.execution-id>",
          },
          RetryPolicy: { MaximumEventAgeInSeconds: 3600, MaximumRetryAttempts: 10 },
          RoleArn: role("~-scheduler"),
        },
      },
    },
  },
  table: {
    keys: [
      { AttributeName: "pk", KeyType: "HASH" },
      { AttributeName: "sk", KeyType: "RANGE" },
    ],
    attributes: [
      { AttributeName: "pk", AttributeType: "S" },
      { AttributeName: "sk", AttributeType: "S" },
    ],
    billing: "PAY_PER_REQUEST",
    timeToLive: { TimeToLiveStatus: "ENABLED", AttributeName: "expiresAt" },
    tags: tags("table"),
  },
  parameter: null,
};

// Packages a project, and deploys it to moto.
describe.skipIf(missing !== null)(
  "a deployed stage, read by a client in another language",
  {
    timeout: 120_000,
  },
  () => {
    let aws: Aws;
    let dumper: StageDumper;
    let project: TemporaryProject;
    const dump = async () => comparable(await dumper.dump("shop", "test"), "shop", "test", aws);

    beforeAll(async () => {
      aws = await startAws();
      dumper = startStageDumper(aws);
      project = makeProject(FILES, { keep: true });
    }, 60_000);
    afterAll(async () => {
      dumper?.stop();
      await aws?.stop();
      project?.dispose();
    });

    test("is what its files say, in every attribute", async () => {
      const packaged = await packageProject(project.folder);
      const { error } = await deployInProcess(aws, packaged, "test", { variables: { FROM_FLAG: "yes" } });
      expect(error).toBeNull();
      const { mappings, ...stage } = await dump();
      expect(stage).toEqual(EXPECTED);
      expect(mappings).toHaveLength(3);
    });

    test("without a file, what that file made is gone after pruning; its log stays", async () => {
      const { error: failure } = await deployInProcess(aws, await packageProject(project.folder), "test");
      expect(failure).toBeNull();
      project.write(
        "queues/orders.fifo.ts",
        "export default async function (payload: string) { console.log(payload); }\n",
      );
      project.remove("queues/emails.ts");
      project.remove("queues/exports.ts");
      project.remove("socket/index.ts");
      project.remove("schedules/daily.ts");
      const { error } = await deployInProcess(aws, await packageProject(project.folder), "test", {
        prune: true,
      });
      expect(error).toBeNull();
      const { queues, functions, roles, logGroups, scheduling, apis, mappings } = await dump();
      expect(Object.keys(queues).sort()).toEqual(["~-_undeliverable", "~-orders-dlq.fifo", "~-orders.fifo"]);
      expect(apis).toEqual({});
      expect(Object.keys(functions).sort()).toEqual(["~-api", "~-queue-orders-fifo"]);
      expect(Object.keys(logGroups)).toHaveLength(6);
      expect(scheduling).toBeNull();
      expect(Object.keys(roles).sort()).toEqual(["~-api", "~-delayed", "~-queue-orders-fifo"]);
      expect(mappings).toEqual([
        `${arn("sqs", "~-orders.fifo")} ${arn("lambda", "function:~-queue-orders-fifo:live")}`,
      ]);
      expect(functions["~-queue-orders-fifo"]?.live).not.toHaveProperty("Environment.Variables.FROM_FLAG");
    });
  },
);
