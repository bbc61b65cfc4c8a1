import { CloudWatchLogsClient, CreateLogGroupCommand } from "@aws-sdk/client-cloudwatch-logs";
import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { CreateFunctionCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { CreateScheduleGroupCommand, SchedulerClient } from "@aws-sdk/client-scheduler";
import { CreateQueueCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { runCommand } from "../harness/command.js";
import { deployInProcess } from "../harness/deploy-in-process.js";
import { motoMissing } from "../harness/moto.js";
import { type Aws, startAws } from "../harness/moto-proxy.js";
import { packageProject } from "../harness/packaged-project.js";
import { makeProject } from "../harness/temporary-project.js";

const missing = motoMissing();
if (missing) console.log(`What deploying refuses is not tried: ${missing}.`);

const EMAILS = "export default async function (payload: unknown) { console.log(payload); }\n";
const FILES = {
  "package.json": JSON.stringify({ name: "shop", private: true, type: "module" }),
  "queues/emails.ts": EMAILS,
  "schedules/daily.ts": 'export const schedule = "daily at 4:00";\nexport default async function () {}\n',
  "api/index.ts": 'export const get = () => "home";\n',
};
const TRUST = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
});

/** Each a process that builds first. */
describe.skipIf(missing !== null)("before anything is changed", { timeout: 120_000 }, () => {
  let aws: Aws;
  beforeAll(async () => {
    aws = await startAws();
  });
  afterEach(() => aws?.clearFaults());
  afterAll(() => aws?.stop());

  async function refused(
    files: Record<string, string>,
    env: Record<string, string> = aws.env,
    flags: string[] = [],
  ): Promise<string> {
    const project = makeProject(files);
    aws.forget();
    const options = { cwd: project.folder, env, deadlineMs: 100_000 };
    const { code, stderr } = await runCommand(["deploy", "--yes", ...flags], options);
    expect([code, aws.calls().filter(({ writes }) => writes)]).toEqual([1, []]);
    return stderr;
  }
  const without = (env: Record<string, string>, ...names: string[]) =>
    Object.fromEntries(Object.entries(env).filter(([name]) => !names.includes(name)));

  test("credentials that are missing are said, with where to put them", async () => {
    const env = without(aws.env, "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY");
    // Nothing of the machine's own.
    const own = { ...env, HOME: "/nowhere", USERPROFILE: "/nowhere" };
    const stderr = await refused(FILES, own);
    expect(stderr).toContain("QR_AWS_NO_CREDENTIALS");
    expect(stderr).toContain("AWS_PROFILE");
  });

  test("a region that is missing, and one that is none", async () => {
    const none = { ...without(aws.env, "AWS_REGION"), HOME: "/nowhere", USERPROFILE: "/nowhere" };
    expect(await refused(FILES, none)).toMatch(/QR_AWS_NO_REGION\][\s\S]*--region/);
    expect(await refused(FILES, aws.env, ["--region", "eu_west1"])).toContain("QR_AWS_INVALID_REGION");
  });

  test("a token that has expired, and a region that is switched off", async () => {
    const always = { times: Number.POSITIVE_INFINITY };
    const expired = { code: "ExpiredTokenException", message: "The security token is expired", status: 403 };
    aws.failAt(1, expired, always);
    expect(await refused(FILES)).toMatch(/QR_AWS_CREDENTIALS_EXPIRED\][\s\S]*aws sso login/);
    aws.clearFaults();
    const unknown = {
      code: "UnrecognizedClientException",
      message: "The security token is invalid",
      status: 403,
    };
    aws.failAt(1, unknown, always);
    expect(await refused(FILES)).toMatch(/QR_AWS_CREDENTIALS_REFUSED\][\s\S]*region us-east-1/);
  });

  test("an action that is denied is named", async () => {
    aws.failAt(
      1,
      { code: "AccessDeniedException", message: "No.", status: 403 },
      { match: "tagging:GetResources" },
    );
    expect(await refused(FILES)).toMatch(/QR_AWS_ACCESS_DENIED\][\s\S]*Allow the action tag:GetResources /);
  });

  test("all that AWS would refuse of the project, at once", async () => {
    const stderr = await refused(
      {
        ...FILES,
        "queue-run.config.ts":
          'import { defineConfig } from "queue-run";\nexport default defineConfig({ http: "api-gateway", vpc: { subnetIds: ["net-1"], securityGroupIds: [] }, requiredEnv: ["STRIPE_KEY"] });\n',
        "api/slow.ts": 'export const config = { timeout: 40 };\nexport const get = () => "late";\n',
      },
      aws.env,
      ["--stage", "a/b", "-e", `BIG=${"x".repeat(4_096)}`],
    );
    for (const part of [
      /api\/slow\.ts[\s\S]*30 s[\s\S]*QR_INVALID_CONFIG/,
      /vpc\.subnetIds has net-1/,
      /vpc\.securityGroupIds is empty/,
      /STRIPE_KEY[\s\S]*QR_REQUIRED_ENV/,
      /"a\/b" cannot be a stage[\s\S]*QR_STAGE_NAME/,
      /QR_VARIABLES_TOO_LARGE/,
    ])
      expect(stderr).toMatch(part);
    expect(stderr).not.toContain("xxxx");
  });

  test("a config that SQS or Lambda would refuse", async () => {
    const config = "export const config = { batchSize: 50, timeout: 900, concurrency: 1, memory: 64 };\n";
    const stderr = await refused({ ...FILES, "queues/emails.ts": EMAILS + config });
    for (const setting of ["timeout", "concurrency", "memory"]) expect(stderr).toContain(setting);
    expect(stderr).toContain("queues/emails.ts");
  });

  test("the endpoints of AWS_ENDPOINT_URL_SERVICE are used where they are set", async () => {
    const { AWS_ENDPOINT_URL = "", ...rest } = aws.env;
    const services = ["SQS", "LAMBDA", "IAM", "DYNAMODB", "SSM", "SCHEDULER", "STS"];
    const own = [...services, "APIGATEWAYV2", "CLOUDWATCH_LOGS", "RESOURCE_GROUPS_TAGGING_API"].map(
      (name) => [`AWS_ENDPOINT_URL_${name}`, AWS_ENDPOINT_URL],
    );
    const project = makeProject(FILES);
    // Port 9 discards: whatever asked there would not get an answer.
    const env = { ...rest, ...Object.fromEntries(own), AWS_ENDPOINT_URL: "http://127.0.0.1:9" };
    const options = { cwd: project.folder, env, deadlineMs: 100_000 };
    const { code, stdout } = await runCommand(["deploy", "--dry-run", "--stage", "endpoints"], options);
    expect([code, stdout]).toEqual([0, expect.stringContaining("Nothing was changed")]);
  });

  test("names that others' resources of every kind have, all at once", async () => {
    const settings = {
      endpoint: aws.motoEndpoint,
      region: aws.region,
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
    };
    const prefix = "shop-taken";
    await new SQSClient(settings).send(new CreateQueueCommand({ QueueName: `${prefix}-emails` }));
    await new SQSClient(settings).send(new CreateQueueCommand({ QueueName: `${prefix}-emails-dlq` }));
    const iam = new IAMClient(settings);
    for (const RoleName of [`${prefix}-queue-emails`, `${prefix}-scheduler`])
      await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: TRUST }));
    const packaged = await packageProject(makeProject(FILES).folder);
    await new LambdaClient(settings).send(
      new CreateFunctionCommand({
        FunctionName: `${prefix}-api`,
        Role: `arn:aws:iam::${aws.account}:role/${prefix}-scheduler`,
        Runtime: "nodejs22.x",
        Handler: "index.handler",
        Code: { ZipFile: packaged.zipOf("api") },
      }),
    );
    await new DynamoDBClient(settings).send(
      new CreateTableCommand({
        TableName: prefix,
        BillingMode: "PAY_PER_REQUEST",
        AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
        KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
      }),
    );
    await new CloudWatchLogsClient(settings).send(
      new CreateLogGroupCommand({ logGroupName: `/aws/lambda/${prefix}-schedule-daily` }),
    );
    await new SchedulerClient(settings).send(new CreateScheduleGroupCommand({ Name: prefix }));
    aws.forget();
    const { error } = await deployInProcess(aws, packaged, "taken");
    expect(aws.calls().filter(({ writes }) => writes)).toEqual([]);
    const problems = (error as { problems?: { message: string; code: string }[] } | null)?.problems ?? [];
    if (problems.length === 0) throw error;
    expect(new Set(problems.map(({ code }) => code))).toEqual(new Set(["QR_NAME_TAKEN"]));
    const said = problems.map(({ message }) => message).join("\n");
    for (const what of [
      `queue ${prefix}-emails `,
      `queue ${prefix}-emails-dlq `,
      `role ${prefix}-queue-emails `,
      `role ${prefix}-scheduler `,
      `function ${prefix}-api `,
      `table ${prefix} `,
      `log group /aws/lambda/${prefix}-schedule-daily `,
      `schedule group ${prefix} `,
    ])
      expect(said).toContain(what);
  });
});
