import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import {
  AddPermissionCommand,
  CreateAliasCommand,
  CreateEventSourceMappingCommand,
  CreateFunctionCommand,
  CreateFunctionUrlConfigCommand,
  LambdaClient,
  PublishVersionCommand,
  UpdateAliasCommand,
  UpdateFunctionCodeCommand,
} from "@aws-sdk/client-lambda";
import { CreateQueueCommand, SQSClient } from "@aws-sdk/client-sqs";
import { describe, expect, it, onTestFinished } from "vitest";
import { startStandIn } from "../harness/aws-stand-in.js";
import { motoMissing } from "../harness/moto.js";
import { type Aws, startAws } from "../harness/moto-proxy.js";
import { packageProject } from "../harness/packaged-project.js";
import { makeProject } from "../harness/temporary-project.js";
import { waitFor } from "../harness/wait-for.js";

const missing = motoMissing();
if (missing) console.log(`What is uploaded to moto is not run: ${missing}`);

const files = (version: number) => ({
  "api/greetings.ts": `
    import { queues } from "queue-run";
    export const get = () => "version ${version}";
    export const post = queues("greetings").http;`,
  "queues/greetings.ts": `export default ({ name }) => console.log("Hello", name, "from version ${version}");`,
});

describe.skipIf(missing)("what is uploaded to moto", () => {
  it("answers requests and runs the jobs that they push, in the version that the alias points to", async () => {
    const aws = await startAws();
    onTestFinished(aws.stop);
    const deploy = deployer(aws);
    await deploy.queue("app-test-greetings");
    const before = await packageProject(makeProject(files(1)).folder);
    await deploy.create("app-test-api", before.zipOf("api"));
    await deploy.create("app-test-queue-greetings", before.zipOf("queue:greetings"));
    await deploy.map("app-test-greetings", "app-test-queue-greetings");
    const standIn = startStandIn(aws);
    onTestFinished(standIn.stop);
    const { url } = await standIn.serve("app-test-api");
    const greet = (name: string) =>
      fetch(`${url}/greetings`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ name }),
      });
    const logged = (text: string) =>
      waitFor(text, () =>
        standIn.logs("app-test-queue-greetings").some(({ message }) => String(message).includes(text)),
      );

    await deploy.openUrl("app-test-api", "lambda:InvokeFunctionUrl");
    expect((await fetch(`${url}/greetings`)).status).toBe(403);
    await deploy.openUrl("app-test-api", "lambda:InvokeFunction");
    expect(await (await fetch(`${url}/greetings`)).text()).toBe("version 1");
    expect((await greet("Ada")).status).toBe(202);
    await logged("Hello Ada from version 1");

    const after = await packageProject(makeProject(files(2)).folder);
    await deploy.update("app-test-api", after.zipOf("api"));
    await deploy.update("app-test-queue-greetings", after.zipOf("queue:greetings"));
    expect(await (await fetch(`${url}/greetings`)).text()).toBe("version 2");
    await greet("Grace");
    await logged("Hello Grace from version 2");
    expect(standIn.failures()).toEqual([]);
  });
});

/** The least that it takes to have functions and queues at moto. */
function deployer(aws: Aws) {
  const options = {
    endpoint: aws.endpoint,
    region: aws.region,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  };
  const lambda = new LambdaClient(options);
  const iam = new IAMClient(options);
  const sqs = new SQSClient(options);
  onTestFinished(() => {
    for (const client of [lambda, iam, sqs]) client.destroy();
  });
  const statement = (content: object) => JSON.stringify({ Version: "2012-10-17", Statement: [content] });
  const publish = async (FunctionName: string) =>
    (await lambda.send(new PublishVersionCommand({ FunctionName }))).Version;
  return {
    async queue(QueueName: string) {
      await sqs.send(new CreateQueueCommand({ QueueName, Attributes: { VisibilityTimeout: "60" } }));
      await iam.send(
        new CreateRoleCommand({
          RoleName: "role",
          AssumeRolePolicyDocument: statement({
            Effect: "Allow",
            Principal: { Service: "lambda.amazonaws.com" },
            Action: "sts:AssumeRole",
          }),
        }),
      );
      await iam.send(
        new PutRolePolicyCommand({
          RoleName: "role",
          PolicyName: "policy",
          PolicyDocument: statement({ Effect: "Allow", Action: "sqs:*", Resource: "*" }),
        }),
      );
    },
    async create(FunctionName: string, ZipFile: Uint8Array) {
      await lambda.send(
        new CreateFunctionCommand({
          FunctionName,
          Role: `arn:aws:iam::${aws.account}:role/role`,
          Runtime: "nodejs24.x",
          Handler: "index.handler",
          Code: { ZipFile },
          Timeout: 30,
          Environment: {
            Variables: {
              QUEUE_RUN_PROJECT: "app",
              QUEUE_RUN_STAGE: "test",
              QUEUE_RUN_SQS_URL_PREFIX: `https://sqs.us-east-1.amazonaws.com/${aws.account}/`,
            },
          },
        }),
      );
      const FunctionVersion = await publish(FunctionName);
      await lambda.send(new CreateAliasCommand({ FunctionName, Name: "live", FunctionVersion }));
      if (FunctionName.endsWith("-api")) {
        await lambda.send(
          new CreateFunctionUrlConfigCommand({
            FunctionName,
            Qualifier: "live",
            AuthType: "NONE",
            InvokeMode: "RESPONSE_STREAM",
          }),
        );
      }
    },
    async update(FunctionName: string, ZipFile: Uint8Array) {
      await lambda.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile }));
      const FunctionVersion = await publish(FunctionName);
      await lambda.send(new UpdateAliasCommand({ FunctionName, Name: "live", FunctionVersion }));
    },
    openUrl: (FunctionName: string, Action: string) =>
      lambda.send(
        new AddPermissionCommand({
          FunctionName,
          Qualifier: "live",
          StatementId: Action.replace(":", "-"),
          Action,
          Principal: "*",
          ...(Action === "lambda:InvokeFunctionUrl"
            ? { FunctionUrlAuthType: "NONE" as const }
            : { InvokedViaFunctionUrl: true }),
        }),
      ),
    map: (queue: string, functionName: string) =>
      lambda.send(
        new CreateEventSourceMappingCommand({
          EventSourceArn: `arn:aws:sqs:${aws.region}:${aws.account}:${queue}`,
          FunctionName: `${functionName}:live`,
          FunctionResponseTypes: ["ReportBatchItemFailures"],
        }),
      ),
  };
}
