import { CloudWatchClient, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import {
  CloudWatchLogsClient,
  CreateLogStreamCommand,
  PutLogEventsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { GetFunctionConfigurationCommand, LambdaClient } from "@aws-sdk/client-lambda";
import {
  DeleteScheduleCommand,
  GetScheduleCommand,
  ListSchedulesCommand,
  SchedulerClient,
} from "@aws-sdk/client-scheduler";
import { GetQueueAttributesCommand, PurgeQueueCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { delayedMessageName } from "@queue-run/runtime/names";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCommand, startCommand } from "../harness/command.js";
import { deployedStage } from "../harness/deployed-stage.js";
import { sqsAt } from "../harness/local-queues.js";
import { motoMissing } from "../harness/moto.js";
import { type Aws, startAws } from "../harness/moto-proxy.js";
import { makeProject, type TemporaryProject } from "../harness/temporary-project.js";

const missing = motoMissing();
if (missing) console.log(`Managing a deployed stage is not tried: ${missing}.`);

const FILES = {
  "package.json": JSON.stringify({ name: "shop", private: true, type: "module" }),
  "queues/emails.ts": 'export default async function (payload: unknown) { console.log("first", payload); }\n',
  "queues/orders.fifo.ts": "export default async function (payload: unknown) { console.log(payload); }\n",
  "schedules/daily.ts": 'export const schedule = "daily at 4:00";\nexport default async function () {}\n',
  "api/index.ts": 'export const get = () => "home";\n',
  "socket/index.ts": "export default async function () {}\n",
};

/** The tests of one stage's life, in order: each begins where the one before ended. */
describe.skipIf(missing !== null)("a deployed stage", () => {
  let aws: Aws;
  let project: TemporaryProject;
  let settings: {
    endpoint: string;
    region: string;
    credentials: { accessKeyId: string; secretAccessKey: string };
  };

  const run = (args: string[], input?: string) =>
    runCommand(args, { cwd: project.folder, env: aws.env, input, deadlineMs: 50_000 });
  const json = async (args: string[]) => JSON.parse((await run([...args, "--json"])).stdout);
  const variablesOf = async (name: string) => {
    const command = new GetFunctionConfigurationCommand({
      FunctionName: `shop-prod-${name}`,
      Qualifier: "live",
    });
    return (await new LambdaClient(settings).send(command)).Environment?.Variables ?? {};
  };
  const live = () => deployedStage(aws, "shop-prod").live();

  beforeAll(async () => {
    aws = await startAws();
    settings = {
      endpoint: aws.motoEndpoint,
      region: aws.region,
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
    };
    project = makeProject(FILES, { keep: true });
  });
  afterAll(async () => {
    await aws?.stop();
    project?.dispose();
  });

  test("is told to be missing before it is deployed, by every command that needs it", async () => {
    for (const command of [
      "status",
      "logs",
      "metrics",
      "schedule daily",
      "failed ls",
      "failed retry --all",
      "failed purge --all --yes",
      "env set API_KEY=1 --now",
      "delete",
    ]) {
      const { code, stdout, stderr } = await run(command.split(" "));
      expect([command, code, stdout, stderr]).toEqual([
        command,
        1,
        "",
        expect.stringContaining("QR_STAGE_NOT_DEPLOYED"),
      ]);
    }
    expect((await run(["env", "ls"])).stdout).toBe("No variables are set.\n");
    expect((await run(["rollback", "--yes"])).stderr).toContain("QR_NOTHING_TO_GO_BACK_TO");
    expect((await run(["queue", "emails", "1"])).stderr).toContain("QR_QUEUE_NOT_DEPLOYED");
    expect((await run(["versions"])).stdout).toContain("No deploy of the stage prod");
  });

  test("a name that no stage can have is wrong usage, before anything is asked of AWS", async () => {
    aws.forget();
    for (const command of ["status", "env ls", "env set A1=1", "failed ls", "versions", "delete"]) {
      const { code, stderr } = await run([...command.split(" "), "--stage", "a/b"]);
      expect([command, code, stderr]).toEqual([command, 2, expect.stringContaining("QR_STAGE_NAME")]);
    }
    expect(aws.calls()).toEqual([]);
  });

  test("status tells what serves, where, and what waits", async () => {
    expect((await run(["deploy", "--yes"])).code).toBe(0);
    const pushed = await json(["queue", "emails", '{"to":"ada"}', "--delay", "10m"]);
    expect(pushed.jobId).toMatch(/^[0-9a-f-]{36}$/);
    const status = await json(["status"]);
    expect(status).toMatchObject({
      project: "shop",
      stage: "prod",
      region: "us-east-1",
      schedules: ["daily"],
    });
    expect(status.url).toMatch(/^https:/);
    expect(status.socketUrl).toMatch(/^wss:.*\/prod$/);
    expect(status.undeliverable).toBe(0);
    expect(status.functions.map(({ id }: { id: string }) => id)).toEqual([
      "api",
      "queue:emails",
      "queue:orders.fifo",
      "schedule:daily",
      "socket",
    ]);
    expect(status.queues).toEqual([
      { name: "emails", visible: 0, inFlight: 0, delayed: 1, oldestSeconds: null, deadLetters: 0 },
      { name: "orders.fifo", visible: 0, inFlight: 0, delayed: 0, oldestSeconds: null, deadLetters: 0 },
    ]);
    const { stdout } = await run(["status"]);
    expect(stdout).toMatch(/emails +0 +0 +1 +- +0/);
    expect(stdout).toMatch(/daily +next \d{4}-\d\d-\d\d 04:00/);
    expect(stdout).toContain(status.socketUrl);
  });

  test("delayed messages that could not be sent are told", async () => {
    const queue = sqsAt(aws.motoEndpoint, { account: aws.account, prefix: "shop-prod-" });
    const QueueUrl = queue.urlOf("_undeliverable");
    await queue.client.send(new SendMessageCommand({ QueueUrl, MessageBody: "1" }));
    expect((await json(["status"])).undeliverable).toBe(1);
    expect((await run(["status"])).stdout).toContain(
      "1 delayed job could not be sent, and is kept in shop-prod-_undeliverable",
    );
    await queue.client.send(new PurgeQueueCommand({ QueueUrl }));
    queue.close();
  });

  test("a push with a long delay waits in the stage's own group, and counts as a message that waits", async () => {
    const { jobId } = await json(["queue", "orders.fifo", "1", "--group", "a", "--delay", "3h"]);
    const client = new SchedulerClient(settings);
    const { Schedules = [] } = await client.send(
      new ListSchedulesCommand({ GroupName: "shop-prod-delayed" }),
    );
    expect(Schedules).toHaveLength(1);
    const [{ Name } = {}] = Schedules;
    expect(Name).toBe(delayedMessageName("shop-prod-orders.fifo", jobId));
    const schedule = await client.send(new GetScheduleCommand({ GroupName: "shop-prod-delayed", Name }));
    expect(schedule).toMatchObject({
      ActionAfterCompletion: "DELETE",
      Target: {
        Arn: "arn:aws:scheduler:::aws-sdk:sqs:sendMessage",
        RoleArn: `arn:aws:iam::${aws.account}:role/queue-run/shop/prod/${aws.region}/shop-prod-delayed`,
        DeadLetterConfig: { Arn: `arn:aws:sqs:${aws.region}:${aws.account}:shop-prod-_undeliverable` },
      },
    });
    expect((await run(["delete"])).stderr).toContain("delayed messages scheduled for shop-prod-orders.fifo");
    await client.send(new DeleteScheduleCommand({ GroupName: "shop-prod-delayed", Name }));
  });

  test("a push has a push's own checks, said for a command line", async () => {
    expect((await run(["queue", "orders.fifo", "1"])).stderr).toContain("--group ID");
    expect((await run(["queue", "email", "1"])).stderr).toContain('Did you mean "emails"?');
    const schedule = await run(["schedule", "daily"]);
    expect([schedule.code, schedule.stdout]).toEqual([0, expect.stringContaining("Started daily.")]);
    expect((await run(["schedule", "dayly"])).stderr).toContain("Did you mean schedule daily?");
  });

  test("variables: set at once and with the next deploy, encrypted, never printed but by get", async () => {
    const set = await run(["env", "set", "API_KEY=secret-1", "OTHER_KEY=secret-2"]);
    expect(set.stdout).toBe("Set API_KEY, OTHER_KEY: in place with the next deploy.\n");
    expect(await variablesOf("api")).not.toHaveProperty("API_KEY");
    expect((await run(["env", "set", "FROM_INPUT"], "secret-3\n")).code).toBe(0);
    expect((await run(["env", "ls"])).stdout).toBe("API_KEY\nFROM_INPUT\nOTHER_KEY\n");
    expect((await run(["env", "get", "FROM_INPUT"])).stdout).toBe("secret-3\n");

    const now = await run(["env", "rm", "OTHER_KEY", "--now"]);
    expect([now.code, now.stderr]).toEqual([0, ""]);
    expect(now.stdout).not.toContain("secret");
    for (const name of ["api", "queue-emails", "schedule-daily"])
      expect(await variablesOf(name)).toMatchObject({ API_KEY: "secret-1", FROM_INPUT: "secret-3" });
    expect(await variablesOf("api")).not.toHaveProperty("OTHER_KEY");
    expect((await run(["deploy", "--yes"])).stdout).toContain("Nothing to change.");

    const parameter = await new SSMClient(settings).send(
      new GetParameterCommand({ Name: "/queue-run/shop/prod/env", WithDecryption: true }),
    );
    expect(parameter.Parameter).toMatchObject({
      Type: "SecureString",
      Value: JSON.stringify({ API_KEY: "secret-1", FROM_INPUT: "secret-3" }),
    });
  });

  test("variables that cannot be are refused, and nothing is changed", async () => {
    const refusals = [
      [["env", "set", "AWS_REGION=x"], 2, "is set by Lambda itself"],
      [["env", "set", "QUEUE_RUN_STAGE=x"], 2, "is set by queue-run itself"],
      [["env", "set", `BIG=${"x".repeat(4_096)}`], 1, "QR_VARIABLES_TOO_LARGE"],
      [["env", "set"], 2, "QR_NO_VALUE"],
      [["env", "get", "NOBODY"], 1, "QR_VARIABLE_NOT_SET"],
      [["env", "rm", "API_KEY", "NOBODY"], 1, "NOBODY is not set"],
    ] as const;
    for (const [args, exit, said] of refusals) {
      const { code, stderr } = await run([...args], "");
      expect([args.join(" ").slice(0, 40), code, stderr]).toEqual([
        args.join(" ").slice(0, 40),
        exit,
        expect.stringContaining(said),
      ]);
    }
    expect((await run(["env", "ls"])).stdout).toBe("API_KEY\nFROM_INPUT\n");
  });

  test("versions and rollback: code and settings of an earlier deploy, variables of today", async () => {
    project.write(
      "queues/emails.ts",
      `${FILES["queues/emails.ts"].replace("first", "second")}export const config = { timeout: 30 };\n`,
    );
    expect((await run(["deploy", "--yes"])).code).toBe(0);
    const after = await live();
    expect((await run(["env", "set", "API_KEY=secret-9"])).code).toBe(0);

    const { deploys } = await json(["versions"]);
    const [latest, , first] = deploys;
    expect(latest).toMatchObject({
      serves: true,
      status: "done",
      changed: ["queue:emails"],
      goesBackTo: null,
    });
    expect(first).toMatchObject({ serves: false });

    const planned = await json(["rollback", "--dry-run"]);
    expect(planned.result).toBe("planned");
    expect(await live()).toEqual(after);

    const back = await run(["rollback", "--yes"]);
    expect([back.code, back.stderr]).toEqual([0, ""]);
    expect(back.stdout).not.toContain("secret");
    const command = new GetFunctionConfigurationCommand({
      FunctionName: "shop-prod-queue-emails",
      Qualifier: "live",
    });
    const emails = await new LambdaClient(settings).send(command);
    expect(emails.Timeout).toBe(310);
    expect(emails.Environment?.Variables).toMatchObject({ API_KEY: "secret-9" });
    const zip = Buffer.from(aws.zipOf(emails.CodeSha256 ?? "") ?? []);
    expect(zip.length).toBeGreaterThan(0);
    const queue = sqsAt(aws.motoEndpoint, { account: aws.account, prefix: "shop-prod-" });
    const { Attributes } = await queue.client.send(
      new GetQueueAttributesCommand({
        QueueUrl: queue.urlOf("emails"),
        AttributeNames: ["VisibilityTimeout"],
      }),
    );
    expect(Attributes?.VisibilityTimeout).toBe("1860");
    queue.close();

    // Going back twice goes back further; then there is nothing left. By name, forward again.
    expect((await run(["rollback", "--yes"])).stderr).toContain("QR_NOTHING_TO_GO_BACK_TO");
    for (const unknown of ["nothing", ""])
      expect((await run(["rollback", "--to", unknown, "--yes"])).stderr).toContain("QR_DEPLOY_NOT_FOUND");
    expect((await run(["rollback", "--to", latest.id, "--yes"])).code).toBe(0);
    expect((await new LambdaClient(settings).send(command)).Timeout).toBe(40);
    expect((await run(["rollback"])).code).toBe(2);
  });

  test("dead letters: listed with why, retried under their ids, purged", async () => {
    const queue = sqsAt(aws.motoEndpoint, { account: aws.account, prefix: "shop-prod-" });
    const failure = {
      jobId: "job-1",
      queueName: "emails",
      attempts: 5,
      failedAt: "2026-11-22T10:00:00.000Z",
      codeVersion: "7",
      error: { name: "TypeError", message: "no such user", stack: null },
    };
    const bury = (jobId: string) =>
      queue.send("emails-dlq", '{"to":"ada"}', {
        MessageAttributes: {
          "queue-run-failure": { DataType: "String", StringValue: JSON.stringify({ ...failure, jobId }) },
        },
      });
    await bury("job-1");
    await bury("job-2");
    const ls = await run(["failed", "ls"]);
    expect(ls.stdout).toMatch(
      /job-1 +emails +5 attempts +2026-11-22T10:00:00\.000Z +TypeError: no such user/,
    );
    expect((await json(["status"])).queues[0].deadLetters).toBe(2);
    expect((await run(["failed", "retry", "job-1"])).stdout).toBe("Retried 1 job.\n");
    expect((await run(["failed", "purge", "job-2", "--yes"])).stdout).toBe("Purged 1 job.\n");
    expect((await run(["failed", "ls"])).stdout).toBe("No dead letters.\n");
    queue.close();
  });

  test("dead letters of a queue whose file is gone can still be dealt with; one that is new has none yet", async () => {
    project.remove("queues/emails.ts");
    project.write("queues/brand-new.ts", FILES["queues/emails.ts"]);
    expect((await run(["deploy", "--yes"])).code).toBe(0);
    const queue = sqsAt(aws.motoEndpoint, { account: aws.account, prefix: "shop-prod-" });
    await queue.send("emails-dlq", '{"to":"ada"}', {});
    expect((await run(["status"])).stdout).toMatch(/emails +\d+ +\d+ +\d+ +\S+ +1/);
    expect(await json(["failed", "ls"])).toMatchObject([{ queueName: "emails", payload: { to: "ada" } }]);
    project.write("queues/newer.ts", FILES["queues/emails.ts"]);
    expect((await run(["failed", "ls", "--queue", "newer"])).stderr).toContain("QR_QUEUE_NOT_DEPLOYED");
    expect((await run(["failed", "ls", "--queue", "email"])).stderr).toContain('Did you mean "emails"?');
    expect((await run(["failed", "purge", "--all", "--queue", "emails", "--yes"])).code).toBe(0);
    expect((await run(["failed", "ls"])).stdout).toBe("No dead letters.\n");
    project.remove("queues/newer.ts");
    project.remove("queues/brand-new.ts");
    project.write("queues/emails.ts", FILES["queues/emails.ts"]);
    queue.close();
  });

  test("a shorter retention waits until no message would go with it", async () => {
    const config = 'export const config = { timeout: 30, retention: "1h" };';
    project.write("queues/emails.ts", `${FILES["queues/emails.ts"]}${config}\n`);
    const queue = sqsAt(aws.motoEndpoint, { account: aws.account, prefix: "shop-prod-" });
    const retention = async () => {
      const { Attributes } = await queue.client.send(
        new GetQueueAttributesCommand({
          QueueUrl: queue.urlOf("emails"),
          AttributeNames: ["MessageRetentionPeriod"],
        }),
      );
      return Attributes?.MessageRetentionPeriod;
    };
    const waiting = await run(["deploy", "--yes"]);
    expect([waiting.code, waiting.stdout]).toEqual([
      0,
      expect.stringContaining("keeps its messages as long as before"),
    ]);
    expect(waiting.stdout).toContain("Some of it is left for later");
    expect(await retention()).toBe("604800");

    await queue.client.send(new PurgeQueueCommand({ QueueUrl: queue.urlOf("emails") }));
    expect((await run(["deploy", "--yes"])).stdout).toContain(
      "keep messages of queue shop-prod-emails for a shorter time",
    );
    expect(await retention()).toBe("3600");
    expect((await run(["deploy", "--yes"])).stdout).toContain("Nothing to change.");
    queue.close();
  });

  test("logs: of all, of a queue, of a job; what went wrong in Lambda itself too", async () => {
    const client = new CloudWatchLogsClient(settings);
    const write = async (name: string, entries: object[]) => {
      const logGroupName = `/aws/lambda/shop-prod-${name}`;
      const logStreamName = "2026/11/22/[1]abc";
      await client.send(new CreateLogStreamCommand({ logGroupName, logStreamName }));
      const logEvents = entries.map((entry, at) => ({
        timestamp: Date.now() - 60_000 + at,
        message: JSON.stringify(entry),
      }));
      await client.send(new PutLogEventsCommand({ logGroupName, logStreamName, logEvents }));
    };
    await write("queue-emails", [
      { level: "INFO", jobId: "job-7", message: "sent to ada" },
      { type: "platform.report", record: { status: "success" } },
      { type: "platform.report", record: { status: "timeout", metrics: { durationMs: 310_000 } } },
    ]);
    await write("api", [
      {
        level: "ERROR",
        message: "no",
        error: { message: "no", stack: "Error: no\n    at api/index.ts:1:1" },
      },
    ]);
    const all = (await run(["logs"])).stdout;
    expect(all).toMatch(/queue:emails job-7 sent to ada/);
    expect(all).toContain("queue:emails Lambda: report timeout after 310000 ms");
    expect(all).toMatch(/api no\n +at api\/index\.ts:1:1/);
    expect(all).not.toContain("success");
    expect((await run(["logs", "--api"])).stdout).not.toContain("queue:emails");
    expect(await run(["logs", "--socket"])).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(
      (await run(["logs", "--queue", "emails", "--job", "job-7"])).stdout.trim().split("\n"),
    ).toHaveLength(1);
    expect((await run(["logs", "--since", "10s"])).stdout).toBe("");
    expect((await run(["logs", "--queue", "email"])).stderr).toContain("Did you mean queue emails?");
    const line = JSON.parse((await run(["logs", "--queue", "emails", "--job", "job-7", "--json"])).stdout);
    expect(line).toMatchObject({
      functionId: "queue:emails",
      level: "INFO",
      jobId: "job-7",
      text: "sent to ada",
    });
  });

  test("metrics, from what CloudWatch has", async () => {
    await new CloudWatchClient(settings).send(
      new PutMetricDataCommand({
        Namespace: "AWS/Lambda",
        MetricData: [
          {
            MetricName: "Invocations",
            Dimensions: [{ Name: "FunctionName", Value: "shop-prod-queue-emails" }],
            Timestamp: new Date(Date.now() - 120_000),
            Value: 12,
          },
        ],
      }),
    );
    const { functions } = await json(["metrics", "--since", "1h"]);
    const emails = functions.find(({ id }: { id: string }) => id === "queue:emails");
    expect(emails).toMatchObject({ invocations: 12, errors: null });
    expect((await run(["metrics"])).stdout).toMatch(/queue:emails +12 +-/);
  });

  test("delete: by its name, not while messages wait, and then nothing of it is left", async () => {
    expect((await run(["queue", "emails", "1", "--delay", "10m"])).code).toBe(0);
    expect((await run(["delete"])).stderr).toContain("QR_MESSAGES_LEFT");
    expect((await run(["delete", "--force"])).code).toBe(2);
    expect((await run(["delete", "--force", "--confirm", "preview"])).stderr).toContain("QR_STAGE_MISNAMED");
    expect((await json(["delete", "--force", "--dry-run"])).result).toBe("planned");
    expect(Object.keys(await live())).toHaveLength(6);
    const deleted = await run(["delete", "--force", "--confirm", "prod"]);
    expect([deleted.code, deleted.stderr]).toEqual([0, ""]);
    expect(await live()).toEqual({});
    expect(aws.eventSourceMappings()).toEqual([]);
    expect((await run(["delete"])).stderr).toContain("QR_STAGE_NOT_DEPLOYED");
    expect((await run(["env", "ls"])).stdout).toBe("No variables are set.\n");
  });
});

test("what needs no account: the policy of a deployer, and what a month costs", async () => {
  const project = makeProject(FILES);
  const options = { cwd: project.folder };
  const policy = JSON.parse(
    (await runCommand(["policy", "--account", "123456789012", "--region", "eu-west-1"], options)).stdout,
  );
  const queues = policy.Statement.find(({ Sid }: { Sid: string }) => Sid === "Queues");
  expect(queues.Resource).toEqual(["arn:aws:sqs:eu-west-1:123456789012:shop-prod-*"]);
  const cost = await runCommand(["cost", "--jobs", "emails=1e6", "--json"], options);
  const { lines } = JSON.parse(cost.stdout);
  expect(lines).toContainEqual(
    expect.objectContaining({
      what: "emails: sent, received, deleted",
      quantity: 3e6,
      dollars: expect.closeTo(1.2),
    }),
  );
  expect(lines).toContainEqual(expect.objectContaining({ what: "daily: runs", quantity: 30 }));
  const refused = await runCommand(["cost", "--jobs", "email=1"], options);
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('Did you mean "emails"?')]);
});

test("a reader that has read enough is no failure", async () => {
  const project = makeProject(FILES);
  const command = startCommand(["policy"], { cwd: project.folder });
  command.closeOutput();
  expect([(await command.ended).code, command.stderr()]).toEqual([0, ""]);
});
