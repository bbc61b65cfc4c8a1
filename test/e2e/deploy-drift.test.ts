import {
  ApiGatewayV2Client,
  DeleteRouteCommand,
  GetApisCommand,
  GetIntegrationsCommand,
  GetRoutesCommand,
  UpdateIntegrationCommand,
  UpdateRouteCommand,
} from "@aws-sdk/client-apigatewayv2";
import { CloudWatchLogsClient, DeleteRetentionPolicyCommand } from "@aws-sdk/client-cloudwatch-logs";
import { DynamoDBClient, TagResourceCommand, UpdateTableCommand } from "@aws-sdk/client-dynamodb";
import {
  IAMClient,
  PutRolePolicyCommand,
  TagRoleCommand,
  UpdateAssumeRolePolicyCommand,
} from "@aws-sdk/client-iam";
import {
  LambdaClient,
  PublishVersionCommand,
  PutFunctionEventInvokeConfigCommand,
  PutFunctionRecursionConfigCommand,
  RemovePermissionCommand,
  UpdateAliasCommand,
  UpdateEventSourceMappingCommand,
  UpdateFunctionConfigurationCommand,
  UpdateFunctionUrlConfigCommand,
} from "@aws-sdk/client-lambda";
import { GetScheduleCommand, SchedulerClient, UpdateScheduleCommand } from "@aws-sdk/client-scheduler";
import { SetQueueAttributesCommand, SQSClient, TagQueueCommand } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { deployInProcess } from "../harness/deploy-in-process.js";
import { type StageDumper, startStageDumper } from "../harness/dump-stage.js";
import { motoMissing } from "../harness/moto.js";
import { type Aws, startAws } from "../harness/moto-proxy.js";
import { packageProject } from "../harness/packaged-project.js";
import { comparable } from "../harness/stage-comparison.js";
import { makeProject } from "../harness/temporary-project.js";

const missing = motoMissing();
if (missing) console.log(`What --refresh mends is not tried: ${missing}.`);

const PACKAGE = JSON.stringify({ name: "shop", private: true, type: "module" });
const HANDLER = "export default async function () {}\n";
const SERVED = {
  "package.json": PACKAGE,
  "queues/emails.ts": HANDLER,
  "queues/orders.fifo.ts": HANDLER,
  "schedules/daily.ts": `export const schedule = "daily at 4:00";\n${HANDLER}`,
  "api/index.ts": 'export const get = () => "home";\n',
};
const GATEWAY = {
  "package.json": PACKAGE,
  "queue-run.config.ts":
    'import { defineConfig } from "queue-run";\nexport default defineConfig({ http: "api-gateway" });\n',
  "api/index.ts": 'export const get = () => "home";\n',
  "socket/index.ts": HANDLER,
};
const ANOTHER = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" }],
});

describe.skipIf(missing !== null)("--refresh mends what others changed", { timeout: 120_000 }, () => {
  let aws: Aws;
  let dumper: StageDumper;
  let clients: ReturnType<typeof connect>;
  beforeAll(async () => {
    aws = await startAws();
    dumper = startStageDumper(aws);
    clients = connect(aws);
  });
  afterAll(async () => {
    dumper?.stop();
    await aws?.stop();
  });

  /** Deploys, lets somebody change everything, and compares what is there after a refresh with what was. */
  async function mended(
    files: Record<string, string>,
    stage: string,
    drift: (name: string) => Promise<void>,
  ) {
    const packaged = await packageProject(makeProject(files).folder);
    expect((await deployInProcess(aws, packaged, stage)).error).toBeNull();
    const dump = async () => comparable(await dumper.dump("shop", stage), "shop", stage, aws);
    const before = await dump();
    await drift(`shop-${stage}`);
    expect(await dump()).not.toEqual(before);
    // What is recorded says that nothing changed.
    expect(await deployInProcess(aws, packaged, stage)).toMatchObject({ result: "nothing to change" });
    expect(await deployInProcess(aws, packaged, stage, { refresh: true })).toMatchObject({
      result: "deployed",
      error: null,
    });
    expect(await dump()).toEqual(before);
    const again = await deployInProcess(aws, packaged, stage, { refresh: true });
    expect(again).toMatchObject({ result: "nothing to change", steps: [] });
  }

  test("queues, functions, aliases, mappings, URL, roles, logs, schedules and the table", async () => {
    await mended(SERVED, "served", async (name) => {
      const { sqs, lambda, iam, logs, scheduler, dynamodb } = clients;
      for (const queue of ["emails", "emails-dlq", "orders.fifo", "orders-dlq.fifo", "_undeliverable"]) {
        const QueueUrl = `${aws.endpoint}/${aws.account}/${name}-${queue}`;
        const Attributes = {
          VisibilityTimeout: "3000",
          DelaySeconds: "7",
          ReceiveMessageWaitTimeSeconds: "7",
          MessageRetentionPeriod: "70000",
          ...(/fifo/.test(queue) && { ContentBasedDeduplication: "true", DeduplicationScope: "queue" }),
        };
        await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }));
        await sqs.send(new TagQueueCommand({ QueueUrl, Tags: { foreign: "tag", "queue-run:kind": "x" } }));
      }
      const emails = `${name}-queue-emails`;
      const api = `${name}-api`;
      const LIVE = { FunctionName: api, Qualifier: "live" };
      await lambda.send(
        new UpdateFunctionConfigurationCommand({ FunctionName: emails, MemorySize: 1_024, Timeout: 3 }),
      );
      const { Version } = await lambda.send(new PublishVersionCommand({ FunctionName: emails }));
      await lambda.send(
        new UpdateAliasCommand({ FunctionName: emails, Name: "live", FunctionVersion: Version }),
      );
      await lambda.send(
        new UpdateAliasCommand({
          FunctionName: `${name}-schedule-daily`,
          Name: "live",
          RoutingConfig: { AdditionalVersionWeights: { "1": 0.5 } },
        }),
      );
      await lambda.send(
        new PutFunctionRecursionConfigCommand({ FunctionName: emails, RecursiveLoop: "Terminate" }),
      );
      await lambda.send(
        new PutFunctionEventInvokeConfigCommand({
          FunctionName: `${name}-schedule-daily`,
          Qualifier: "live",
          MaximumRetryAttempts: 2,
          MaximumEventAgeInSeconds: 60,
        }),
      );
      const found = aws.eventSourceMappings().find(({ FunctionArn }) => FunctionArn.includes(emails));
      await lambda.send(
        new UpdateEventSourceMappingCommand({
          UUID: found?.UUID,
          BatchSize: 2,
          FunctionResponseTypes: [],
          ScalingConfig: { MaximumConcurrency: 5 },
          Enabled: false,
        }),
      );
      const Cors = { AllowOrigins: ["https://example.com"] };
      await lambda.send(
        new UpdateFunctionUrlConfigCommand({ ...LIVE, AuthType: "AWS_IAM", InvokeMode: "BUFFERED", Cors }),
      );
      await lambda.send(new RemovePermissionCommand({ ...LIVE, StatementId: "queue-run-invoke" }));
      for (const RoleName of [emails, `${name}-scheduler`, `${name}-delayed`]) {
        await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument: ANOTHER }));
        const PolicyDocument = JSON.stringify({
          Version: "2012-10-17",
          Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
        });
        await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: "queue-run", PolicyDocument }));
        await iam.send(new TagRoleCommand({ RoleName, Tags: [{ Key: "foreign", Value: "tag" }] }));
      }
      await logs.send(new DeleteRetentionPolicyCommand({ logGroupName: `/aws/lambda/${emails}` }));
      const { Target, ...schedule } = await scheduler.send(
        new GetScheduleCommand({ GroupName: name, Name: "daily" }),
      );
      await scheduler.send(
        new UpdateScheduleCommand({
          GroupName: name,
          Name: "daily",
          ScheduleExpression: schedule.ScheduleExpression,
          ScheduleExpressionTimezone: schedule.ScheduleExpressionTimezone,
          State: "ENABLED",
          Target,
          FlexibleTimeWindow: { Mode: "FLEXIBLE", MaximumWindowInMinutes: 60 },
          EndDate: new Date("2099-01-01T00:00:00Z"),
        }),
      );
      await dynamodb.send(
        new UpdateTableCommand({
          TableName: name,
          BillingMode: "PROVISIONED",
          ProvisionedThroughput: { ReadCapacityUnits: 1, WriteCapacityUnits: 1 },
        }),
      );
      const ResourceArn = `arn:aws:dynamodb:${aws.region}:${aws.account}:table/${name}`;
      await dynamodb.send(new TagResourceCommand({ ResourceArn, Tags: [{ Key: "foreign", Value: "tag" }] }));
    });
  });

  test("both kinds of APIs", async () => {
    await mended(GATEWAY, "gateway", async (name) => {
      const { gateway } = clients;
      const { Items = [] } = await gateway.send(new GetApisCommand({}));
      for (const { ApiId, Name, ProtocolType } of Items) {
        if (!Name?.startsWith(name)) continue;
        const isHttp = ProtocolType === "HTTP";
        const [integration] = (await gateway.send(new GetIntegrationsCommand({ ApiId }))).Items ?? [];
        const { IntegrationId } = integration ?? {};
        await gateway.send(
          new UpdateIntegrationCommand({
            ApiId,
            IntegrationId,
            ...(isHttp
              ? { PayloadFormatVersion: "1.0" }
              : { IntegrationUri: `arn:aws:lambda:${aws.region}:${aws.account}:function:another` }),
          }),
        );
        const [route] = (await gateway.send(new GetRoutesCommand({ ApiId }))).Items ?? [];
        const { RouteId } = route ?? {};
        if (isHttp)
          await gateway.send(new UpdateRouteCommand({ ApiId, RouteId, Target: "integrations/none" }));
        else await gateway.send(new DeleteRouteCommand({ ApiId, RouteId }));
      }
    });
  });
});

function connect(aws: Aws) {
  const settings = {
    endpoint: aws.endpoint,
    region: aws.region,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  };
  return {
    sqs: new SQSClient({ ...settings, useQueueUrlAsEndpoint: false }),
    lambda: new LambdaClient(settings),
    iam: new IAMClient(settings),
    logs: new CloudWatchLogsClient(settings),
    scheduler: new SchedulerClient(settings),
    dynamodb: new DynamoDBClient(settings),
    gateway: new ApiGatewayV2Client(settings),
  };
}
