import { CreateRoleCommand, GetRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import {
  CreateFunctionCommand,
  GetFunctionCommand,
  LambdaClient,
  ListFunctionsCommand,
  PublishVersionCommand,
} from "@aws-sdk/client-lambda";
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { zipFiles } from "../../packages/cli/src/build/package/zip.js";
import { motoMissing } from "../harness/moto.js";
import { type Aws, SLOW_AWS, startAws } from "../harness/moto-proxy.js";
import { waitFor } from "../harness/wait-for.js";

const missing = motoMissing();
if (missing) console.log(`The proxy of moto is not tried: ${missing}`);

describe.skipIf(missing)("the proxy in front of moto", () => {
  let aws: Aws;
  let lambda: LambdaClient;
  let iam: IAMClient;
  let sqs: SQSClient;
  beforeAll(async () => {
    aws = await startAws({
      consistency: { ...SLOW_AWS, roleMs: 600 },
      rateLimits: [{ service: "iam", perSecond: 5 }],
    });
    const options = {
      endpoint: aws.endpoint,
      region: aws.region,
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
      maxAttempts: 1,
    };
    lambda = new LambdaClient(options);
    iam = new IAMClient(options);
    sqs = new SQSClient(options);
  });
  afterEach(() => {
    aws.clearFaults();
    aws.forget();
  });
  afterAll(async () => {
    for (const client of [lambda, iam, sqs]) client?.destroy();
    await aws?.stop();
  });
  const queueExists = (QueueName: string) =>
    sqs.send(new GetQueueUrlCommand({ QueueName })).then(
      () => true,
      () => false,
    );

  it("counts calls by service and operation, in every protocol", async () => {
    await sqs.send(new ListQueuesCommand({}));
    await sqs.send(new ListQueuesCommand({}));
    await lambda.send(new ListFunctionsCommand({}));
    await expect(iam.send(new GetRoleCommand({ RoleName: "nobody" }))).rejects.toMatchObject({
      name: "NoSuchEntityException",
    });
    expect(aws.counts()).toEqual({ "sqs:ListQueues": 2, "lambda:ListFunctions": 1, "iam:GetRole": 1 });
    expect(aws.calls().map(({ writes }) => writes)).toEqual([false, false, false, false]);
  });

  it("fails the k-th call: before it has an effect, after it had one, half-way through its answer, with AWS's error", async () => {
    aws.failAt(2, "refuse", { match: "sqs:CreateQueue" });
    await sqs.send(new CreateQueueCommand({ QueueName: "first" }));
    await expect(sqs.send(new CreateQueueCommand({ QueueName: "refused" }))).rejects.toThrow();
    expect(await queueExists("refused")).toBe(false);
    for (const fault of ["lose-answer", "reset"] as const) {
      aws.failAt(1, fault);
      await expect(sqs.send(new CreateQueueCommand({ QueueName: fault }))).rejects.toThrow();
      expect(await queueExists(fault)).toBe(true);
    }
    aws.failAt(1, { code: "AccessDenied", message: "You may not", status: 403 }, { times: 2 });
    for (const client of [
      sqs.send(new ListQueuesCommand({})),
      iam.send(new GetRoleCommand({ RoleName: "x" })),
    ]) {
      await expect(client).rejects.toMatchObject({ name: "AccessDenied", message: "You may not" });
    }
    await sqs.send(new ListQueuesCommand({}));
  });

  it("refuses what comes too fast", async () => {
    await waitFor("the limit to be full again", async () => {
      const calls = Array.from({ length: 12 }, () =>
        iam.send(new GetRoleCommand({ RoleName: "x" })).catch((error: Error) => error.name),
      );
      return new Set(await Promise.all(calls)).has("TooManyRequestsException");
    });
  });

  it("takes its time: roles, new functions, names of deleted queues", async () => {
    await waitFor("a role", () =>
      iam.send(new CreateRoleCommand({ RoleName: "slow", AssumeRolePolicyDocument: "{}" })),
    );
    const create = new CreateFunctionCommand({
      FunctionName: "slow",
      Role: `arn:aws:iam::${aws.account}:role/slow`,
      Runtime: "nodejs24.x",
      Handler: "index.handler",
      Code: {
        ZipFile: zipFiles(new Map([["index.mjs", { bytes: Buffer.from("code"), executable: false }]])),
      },
      LoggingConfig: { LogFormat: "JSON", LogGroup: "/queue-run/slow" },
    });
    await expect(lambda.send(create)).rejects.toMatchObject({
      name: "InvalidParameterValueException",
      message: "The role defined for the function cannot be assumed by Lambda.",
    });
    const created = await waitFor("the role to be known", () => lambda.send(create));
    expect(created).toMatchObject({ State: "Pending", LoggingConfig: { LogFormat: "JSON" } });
    const publish = new PublishVersionCommand({ FunctionName: "slow" });
    await expect(lambda.send(publish)).rejects.toMatchObject({ name: "ResourceConflictException" });
    await waitFor("the function to be active", () => lambda.send(publish));
    const { Code } = await lambda.send(new GetFunctionCommand({ FunctionName: "slow", Qualifier: "1" }));
    const zip = Buffer.from(await (await fetch(Code?.Location ?? "")).arrayBuffer());
    expect(zip.equals(create.input.Code?.ZipFile as Buffer)).toBe(true);

    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "gone" }));
    await sqs.send(new DeleteQueueCommand({ QueueUrl }));
    await expect(sqs.send(new CreateQueueCommand({ QueueName: "gone" }))).rejects.toMatchObject({
      name: "QueueDeletedRecently",
    });
  });
});
