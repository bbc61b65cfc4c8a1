import { CreateScheduleCommand, SchedulerClient } from "@aws-sdk/client-scheduler";
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { delayedMessageName } from "@queue-run/runtime/names";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { deployInProcess } from "../harness/deploy-in-process.js";
import { type StageDumper, startStageDumper } from "../harness/dump-stage.js";
import { motoMissing } from "../harness/moto.js";
import { type Aws, startAws } from "../harness/moto-proxy.js";
import { packageProject } from "../harness/packaged-project.js";
import { makeProject, type TemporaryProject } from "../harness/temporary-project.js";

const missing = motoMissing();
if (missing) console.log(`Pruning is not tried: ${missing}.`);

const HANDLER = "export default async function (payload: unknown) { console.log(payload); }\n";
/**
 * What keeps a queue: a message that waits, that is being handled, that is delayed, that is dead, that is to be sent, by
 * a push with a long delay or by a schedule of somebody's own, in the stage's group or in the one that all are in.
 */
const HELD = ["waiting", "inflight", "delayed", "dead", "postponed", "scheduled", "elsewhere", "templated"];

describe.skipIf(missing !== null)("queues whose files are gone", { timeout: 180_000 }, () => {
  let aws: Aws;
  let dumper: StageDumper;
  let project: TemporaryProject;
  let sqs: SQSClient;
  let scheduler: SchedulerClient;
  /** What happens before a call has any effect. */
  let onCall: (call: { name: string }) => Promise<void> | void = () => {};

  const urlOf = (name: string) => `${aws.motoEndpoint}/${aws.account}/shop-prod-${name}`;
  const deploy = async (flags = {}) =>
    deployInProcess(aws, await packageProject(project.folder), "prod", flags);
  const dump = () => dumper.dump("shop", "prod");
  const send = (queue: string, more = {}) =>
    sqs.send(new SendMessageCommand({ QueueUrl: urlOf(queue), MessageBody: "1", ...more }));

  const schedule = (group: string, name: string, queue: string) =>
    scheduler.send(
      new CreateScheduleCommand({
        GroupName: group,
        Name: name,
        ScheduleExpression: "at(2099-01-01T00:00:00)",
        FlexibleTimeWindow: { Mode: "OFF" },
        Target: {
          Arn: "arn:aws:scheduler:::aws-sdk:sqs:sendMessage",
          RoleArn: `arn:aws:iam::${aws.account}:role/x`,
          Input: JSON.stringify({
            QueueUrl: `https://sqs.${aws.region}.amazonaws.com/${aws.account}/${queue}`,
            MessageBody: "1",
          }),
        },
      }),
    );

  beforeAll(async () => {
    aws = await startAws({ onCall: (call) => onCall(call) });
    dumper = startStageDumper(aws);
    const settings = {
      endpoint: aws.motoEndpoint,
      region: aws.region,
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
    };
    sqs = new SQSClient(settings);
    scheduler = new SchedulerClient(settings);
    const queues = Object.fromEntries([...HELD, "empty"].map((name) => [`queues/${name}.ts`, HANDLER]));
    project = makeProject(
      {
        "package.json": JSON.stringify({ name: "shop", private: true, type: "module" }),
        "schedules/daily.ts":
          'export const schedule = "daily at 4:00";\nexport default async function () {}\n',
        ...queues,
      },
      { keep: true },
    );
    expect((await deploy()).error).toBeNull();
    await send("waiting");
    await send("inflight");
    await sqs.send(new ReceiveMessageCommand({ QueueUrl: urlOf("inflight"), VisibilityTimeout: 3_600 }));
    await send("delayed", { DelaySeconds: 900 });
    await send("dead-dlq");
    await schedule("shop-prod", "later", "shop-prod-scheduled");
    await schedule("default", "elsewhere", "shop-prod-elsewhere");
    await scheduler.send(
      new CreateScheduleCommand({
        Name: "templated",
        ScheduleExpression: "rate(1 days)",
        FlexibleTimeWindow: { Mode: "OFF" },
        Target: {
          Arn: `arn:aws:sqs:${aws.region}:${aws.account}:shop-prod-templated`,
          RoleArn: `arn:aws:iam::${aws.account}:role/x`,
        },
      }),
    );
    const jobId = "0f8fad5b-d9cb-469f-a165-70867728950e";
    const name = delayedMessageName("shop-prod-postponed", jobId);
    await schedule("shop-prod-delayed", name, "shop-prod-postponed");
    for (const name of [...HELD, "empty"]) project.remove(`queues/${name}.ts`);
  }, 120_000);
  afterAll(async () => {
    dumper?.stop();
    await aws?.stop();
    project?.dispose();
  });

  test("stay, with their consumers and messages, and a deploy says so", async () => {
    const before = await dump();
    const { error, notes } = await deploy();
    expect(error).toBeNull();
    for (const name of HELD) expect(notes.join("\n")).toContain(`queue ${name} has no file any more`);
    expect((await dump()).queues).toEqual(before.queues);
    expect(aws.eventSourceMappings()).toHaveLength(HELD.length + 1);
  });

  test("go with --prune only when nothing waits in them, is handled, is dead, or is aimed at them", async () => {
    const before = await dump();
    const { error, steps } = await deploy({ prune: true });
    expect(error).toBeNull();
    const became = (name: string) =>
      steps.find(({ id }) => id === `delete-empty-queue shop-prod-${name}`)?.status;
    expect(Object.fromEntries([...HELD, "empty"].map((name) => [name, became(name)]))).toEqual({
      ...Object.fromEntries(HELD.map((name) => [name, "left"])),
      empty: "done",
    });
    const { queues, functions } = await dump();
    const held = Object.keys(before.queues).filter((name) => !name.startsWith("shop-prod-empty"));
    expect(queues).toEqual(Object.fromEntries(held.map((name) => [name, before.queues[name]])));
    for (const name of HELD) {
      const fn = functions[`shop-prod-queue-${name}`];
      expect(fn?.live).toEqual(before.functions[`shop-prod-queue-${name}`]?.live);
      expect(fn?.mappings).toMatchObject([{ State: "Enabled" }]);
    }
    expect(functions).not.toHaveProperty("shop-prod-queue-empty");
    // Nothing of the group of delayed messages goes while a queue is left.
    const delays = steps.filter(({ id }) =>
      /(_undeliverable|schedule-group shop-prod-delayed|role shop-prod-delayed)$/.test(id),
    );
    expect(delays.map(({ status }) => status)).toEqual(["left", "left", "left"]);
  });

  test("cost one call more to look for where nothing is to go: APIs are listed once, and no function is asked for", async () => {
    const packaged = await packageProject(
      makeProject({
        "package.json": JSON.stringify({ name: "shop", private: true, type: "module" }),
        "queues/only.ts": HANDLER,
      }).folder,
    );
    expect((await deployInProcess(aws, packaged, "calm")).error).toBeNull();
    aws.forget();
    await deployInProcess(aws, packaged, "calm");
    const plain = aws.counts();
    aws.forget();
    expect(await deployInProcess(aws, packaged, "calm", { prune: true })).toMatchObject({
      result: "nothing to change",
    });
    expect(aws.counts()).toEqual({ ...plain, "apigateway:GetApis": 1 });
  });

  test("that somebody sends to while they are watched stay, and take messages again", async () => {
    const another = makeProject(
      {
        "package.json": JSON.stringify({ name: "shop", private: true, type: "module" }),
        "queues/late.ts": HANDLER,
        "api/index.ts": 'export const get = () => "home";\n',
      },
      { keep: true },
    );
    expect((await deployInProcess(aws, await packageProject(another.folder), "late")).error).toBeNull();
    another.remove("queues/late.ts");
    const packaged = await packageProject(another.folder);
    const QueueUrl = `${aws.motoEndpoint}/${aws.account}/shop-late-late`;
    // After the policy is there, which moto does not enforce, as for AWS's first minute.
    onCall = async ({ name }) => {
      if (name !== "sqs:SetQueueAttributes") return;
      onCall = () => {};
      await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "1" }));
    };
    const { steps, error } = await deployInProcess(aws, packaged, "late", { prune: true });
    another.dispose();
    expect(error).toBeNull();
    expect(steps.find(({ id }) => id === "delete-empty-queue shop-late-late")?.status).toBe("left");
    const { queues, functions } = await dumper.dump("shop", "late");
    expect(queues["shop-late-late"]?.attributes).toMatchObject({ ApproximateNumberOfMessages: "1" });
    expect(JSON.stringify(queues["shop-late-late"]?.attributes.Policy ?? null)).not.toContain("Deny");
    expect(functions["shop-late-queue-late"]?.mappings).toMatchObject([{ State: "Enabled" }]);
  });
});
