import {
  GetRolePolicyCommand,
  IAMClient,
  ListRolePoliciesCommand,
  PutRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type DeployedProject, deployProject } from "../harness/deployed-project.js";
import { type ExecutionRole, startExecutionRole } from "../harness/execution-role.js";
import type { Statement } from "../harness/iam/allows.js";
import { motoMissing } from "../harness/moto.js";
import { waitFor } from "../harness/wait-for.js";

const missing = motoMissing();
if (missing) console.log(`What roles allow deployed code is not tried: ${missing}`);

/** Everything that a function can have AWS do, each from a function that is allowed little else. */
const FILES = {
  "package.json": JSON.stringify({ name: "shop", private: true, type: "module" }),
  "queues/tracked.ts": `
    import { fatal, type JobMetadata, queues } from "queue-run";
    export const config = { track: true, timeout: 10, backoff: "none", limits: { pending: 50 } } as const;
    export const queue = queues.self<{ n: number }, number>();
    export default async ({ n }: { n: number }, { attempt, progress }: JobMetadata) => {
      await progress(n);
      if (n < 0) throw fatal("below zero");
      if (attempt <= n % 2) throw new Error("once more");
      await queues("letters.fifo").group("all").dedupe(String(n)).push(n);
      return n;
    };`,
  "queues/letters.fifo.ts": `
    import { socket } from "queue-run";
    export const config = { track: true, timeout: 10 } as const;
    export default async (n: number) => {
      console.log("letter", n, await socket.to("ann").send({ letter: n }), await socket.isOnline("ann"));
    };`,
  "queues/plain.ts": `
    export const config = { timeout: 10 };
    export default (text: unknown) => console.log("plain", text);`,
  // It pushes to nothing: what it sends is not known to whoever deploys it.
  "queues/curious.ts": `
    export const config = { timeout: 10 };
    export default async function (calls: { service: string; target: string; input: object }[]) {
      for (const { service, target, input } of calls) {
        const authorization = "AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/" + service + "/aws4_request, SignedHeaders=host, Signature=0";
        const headers = { authorization, "x-amz-target": target, "content-type": "application/x-amz-json-1.0" };
        const { status } = await fetch(process.env.AWS_ENDPOINT_URL ?? "", { method: "POST", headers, body: JSON.stringify(input) });
        console.log("answer", target, status);
      }
    };`,
  "schedules/daily.ts": `
    import { queues } from "queue-run";
    export const schedule = "daily at 4:00";
    export default async () => { await queues("plain").push("from the schedule"); };`,
  "socket/index.ts": `
    import { queues, socket } from "queue-run";
    export default async ({ data }) => { await queues("plain").push("from the socket"); return { heard: data }; };`,
  "socket/_middleware.ts": `
    export const authenticate = ({ query }) => ({ id: query.user });
    export const onOnline = ({ user }) => console.log("online", user.id);
    export const onOffline = ({ user }) => console.log("offline", user.id);`,
  "api/jobs/index.ts": 'import { queue } from "#queues/tracked.js"; export const post = queue.http;',
  "api/jobs/[jobId].ts": 'import { queue } from "#queues/tracked.js"; export const get = queue.statusHttp;',
  "api/later.ts": `
    import { queues } from "queue-run";
    export const post = async () => {
      const late = queues("tracked").tag("late");
      await late.delay("2h").push({ n: 2 });
      await late.delay("1m").push({ n: 4 });
      await queues("letters.fifo").group("all").delay("1h").push(6);
      await queues("plain").delay("3d").push("in three days");
      return queues.cancel("late");
    };`,
};

describe.skipIf(missing)("the roles of what was deployed", () => {
  let deployed: DeployedProject;
  const arnOf = (name: string) => `arn:aws:lambda:us-east-1:123456789012:function:shop-test-${name}:live`;
  const queueArn = (name: string) => `arn:aws:sqs:us-east-1:123456789012:shop-test-${name}`;
  const lines = (name: string) =>
    deployed.standIn.logs(`shop-test-${name}`).map(({ message }) => String(message));
  const says = (name: string, text: string) =>
    waitFor(
      `${name} to say ${text}, in ${JSON.stringify(deployed.standIn.failures())}`,
      () => (lines(name).some((line) => line.includes(text)) ? true : null),
      { deadlineMs: 60_000 },
    );

  beforeAll(async () => {
    deployed = await deployProject(FILES);
  }, 180_000);
  afterAll(() => deployed?.stop());

  const push = async (path: string, payload: unknown) => {
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`${deployed.url}${path}`, {
      method: "POST",
      headers,
      body: JSON.stringify(payload),
    });
    return { id: answer.headers.get("x-job-id") ?? "", text: await answer.text() };
  };
  const ends = (id: string, status: string) =>
    waitFor(
      `${id} to be ${status}, in ${JSON.stringify(deployed.standIn.failures())}`,
      async () => {
        const seen = (await (await fetch(`${deployed.url}/jobs/${id}`)).json()) as Record<string, unknown>;
        return seen.status === status ? seen : null;
      },
      { deadlineMs: 60_000 },
    );
  /** Whether a function may pass the role of delayed messages, by the service that gets it. */
  const passing = async (name: string) => {
    const { may } = await deployed.standIn.roleOf(arnOf(name));
    const { aws } = deployed;
    const resource = `arn:aws:iam::${aws.account}:role/queue-run/shop/test/${aws.region}/shop-test-delayed`;
    const services = ["scheduler.amazonaws.com", "lambda.amazonaws.com"];
    const allowed = services.map(async (service) => {
      const context = { "iam:PassedToService": [service] };
      return [service, await may({ action: "iam:PassRole", resource, context })];
    });
    return Object.fromEntries(await Promise.all(allowed));
  };
  const invokeSocket = async (eventType: string, rest: object) => {
    const requestContext = {
      routeKey: { CONNECT: "$connect", MESSAGE: "$default", DISCONNECT: "$disconnect" }[eventType],
      ...{ eventType, connectionId: "L0SM9cOFvHcCIhw=", requestId: "r", extendedRequestId: "r" },
      ...{ connectedAt: Date.now() - 60_000, requestTimeEpoch: Date.now(), stage: "test", apiId: "abc" },
      ...{ domainName: "abc.execute-api", messageDirection: "IN", identity: { sourceIp: "192.0.2.1" } },
    };
    const { ok, body } = await deployed.standIn.invoke(arnOf("socket"), {
      ...rest,
      isBase64Encoded: false,
      requestContext,
    });
    const told = JSON.stringify([deployed.standIn.failures(), lines("socket")]);
    expect([ok, JSON.parse(body.toString())], told).toEqual([true, { statusCode: 200 }]);
  };

  it("allow all that the code does: nothing is denied", async () => {
    const connection = { multiValueQueryStringParameters: { user: ["ann"] }, headers: { Host: "abc" } };
    await invokeSocket("CONNECT", connection);
    await invokeSocket("MESSAGE", { body: "hello" });
    await says("queue-plain", "plain from the socket");

    const jobs = await Promise.all([2, 3, -1].map((n) => push("/jobs", { n })));
    expect(await ends(jobs[0]?.id ?? "", "completed")).toMatchObject({ result: 2, progress: 2 });
    expect(await ends(jobs[1]?.id ?? "", "completed")).toMatchObject({ result: 3, attempt: 2 });
    expect(await ends(jobs[2]?.id ?? "", "failed")).toMatchObject({ error: { message: "below zero" } });
    await says("queue-letters-fifo", "letter 3");

    expect(JSON.parse((await push("/later", null)).text)).toEqual({ cancelled: 2 });
    await deployed.standIn.invoke(arnOf("schedule-daily"), {
      schedule: "daily",
      scheduledAt: "2026-11-22T04:00:00Z",
      executionId: "e1",
    });
    await says("queue-plain", "plain from the schedule");
    await invokeSocket("DISCONNECT", {});
    await says("socket", "offline ann");

    expect(deployed.standIn.failures()).toEqual([]);
    const sent = await Promise.all(
      ["socket", "queue-letters-fifo"].map((name) => deployed.standIn.roleOf(arnOf(name))),
    );
    expect(sent.map((role) => role.delivered().sort())).toEqual([
      ['{"heard":"hello"}'],
      ['{"letter":2}', '{"letter":3}'],
    ]);
  });

  it("allow EventBridge Scheduler what it is to do, and nothing else", async () => {
    const roles: ExecutionRole[] = [];
    const may = async (roleName: string, action: string, resource: string) => {
      const role = await startExecutionRole(deployed.aws, roleName);
      roles.push(role);
      return role.may({ action, resource, context: {} });
    };
    for (const name of ["plain", "tracked", "letters.fifo", "curious", "_undeliverable"])
      expect([name, await may("shop-test-delayed", "sqs:SendMessage", queueArn(name))]).toEqual([name, true]);
    const elsewhere = queueArn("plain").replace("shop-test", "shop-prod");
    expect(await may("shop-test-delayed", "sqs:SendMessage", elsewhere)).toBe(false);
    expect(await may("shop-test-delayed", "sqs:ReceiveMessage", queueArn("plain"))).toBe(false);
    expect(await may("shop-test-scheduler", "lambda:InvokeFunction", arnOf("schedule-daily"))).toBe(true);
    expect(await may("shop-test-scheduler", "lambda:InvokeFunction", arnOf("api"))).toBe(false);
    for (const role of roles) role.stop();
  });

  it("allow a function the items of its own records, and its role to the Scheduler, and no others", async () => {
    const role = await deployed.standIn.roleOf(arnOf("queue-letters-fifo"));
    const table = "arn:aws:dynamodb:us-east-1:123456789012:table/shop-test";
    const mayRead = (...keys: string[]) =>
      role.may({ action: "dynamodb:GetItem", resource: table, context: { "dynamodb:LeadingKeys": keys } });
    expect(await mayRead("job#letters.fifo#1")).toBe(true);
    expect(await mayRead("user#ann")).toBe(true);
    for (const key of ["deploy", "deploys", "job#tracked#1", "schedule#daily"])
      expect([key, await mayRead("job#letters.fifo#1", key)]).toEqual([key, false]);

    expect(await passing("api")).toEqual({ "scheduler.amazonaws.com": true, "lambda.amazonaws.com": false });
  });

  it("deny a function what it has no need of", async () => {
    const call = (service: string, target: string, input: object) => ({ service, target, input });
    const QueueUrl = (name: string) => `${deployed.aws.motoEndpoint}/123456789012/shop-test-${name}`;
    const Key = (pk: string) => ({ pk: { S: pk }, sk: { S: "state" } });
    const calls = [
      call("sqs", "AmazonSQS.SendMessage", { QueueUrl: QueueUrl("plain"), MessageBody: "1" }),
      call("sqs", "AmazonSQS.ReceiveMessage", { QueueUrl: QueueUrl("plain") }),
      call("sqs", "AmazonSQS.PurgeQueue", { QueueUrl: QueueUrl("curious") }),
      call("dynamodb", "DynamoDB_20120810.GetItem", { TableName: "shop-test", Key: Key("deploy") }),
      call("dynamodb", "DynamoDB_20120810.GetItem", { TableName: "shop-test", Key: Key("job#tracked#1") }),
      call("dynamodb", "DynamoDB_20120810.Scan", { TableName: "shop-test" }),
      call("ssm", "AmazonSSM.GetParameter", { Name: "/queue-run/shop/test/env" }),
    ];
    const body = JSON.stringify(calls);
    const record = {
      ...{
        messageId: "11111111-1111-4111-8111-111111111111",
        receiptHandle: "none",
        body,
        messageAttributes: {},
      },
      ...{ attributes: { ApproximateReceiveCount: "1", SentTimestamp: String(Date.now()) } },
      ...{ eventSource: "aws:sqs", eventSourceARN: queueArn("curious"), awsRegion: "us-east-1" },
    };
    await deployed.standIn.invoke(arnOf("queue-curious"), { Records: [record] });
    const answers = lines("queue-curious").filter((line) => line.startsWith("answer"));
    expect(answers).toEqual(calls.map(({ target }) => `answer ${target} 400`));
    expect(deployed.standIn.failures()).toHaveLength(calls.length);
  });

  it("are what lets code do it: without a permission, the call that needs it is denied", async () => {
    const credentials = { accessKeyId: "test", secretAccessKey: "test" };
    const iam = new IAMClient({
      endpoint: deployed.aws.motoEndpoint,
      region: deployed.aws.region,
      credentials,
    });
    const RoleName = "shop-test-schedule-daily";
    const { PolicyNames = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName }));
    const PolicyName = PolicyNames[0];
    const { PolicyDocument = "" } = await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName }));
    const document = JSON.parse(decodeURIComponent(PolicyDocument)) as { Statement: Statement[] };
    const Statement = document.Statement.filter(({ Action }) => ![Action].flat().includes("sqs:SendMessage"));
    expect(Statement).toHaveLength(document.Statement.length - 1);
    await iam.send(
      new PutRolePolicyCommand({
        RoleName,
        PolicyName,
        PolicyDocument: JSON.stringify({ ...document, Statement }),
      }),
    );
    iam.destroy();
    const input = { schedule: "daily", scheduledAt: "2026-11-23T04:00:00Z", executionId: "e2" };
    expect((await deployed.standIn.invoke(arnOf("schedule-daily"), input)).ok).toBe(false);
    expect(deployed.standIn.failures()).toContain(`${RoleName}: sqs:SendMessage on ${queueArn("plain")} {}`);
  });
});
