import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCommand } from "../harness/command.js";
import { allows, type Statement } from "../harness/iam/allows.js";
import { actionOf, requestsOfDeployer } from "../harness/iam/requests-of-deployer.js";
import { enforceIam, type IamUsers } from "../harness/iam/users.js";
import { motoMissing } from "../harness/moto.js";
import type { AccessKey } from "../harness/moto-proxy/sign-call.js";
import { type Aws, startAws } from "../harness/moto-proxy.js";
import { randomFrom } from "../harness/random.js";
import { makeProject, type TemporaryProject } from "../harness/temporary-project.js";

const missing = motoMissing();
if (missing) console.log(`A deployer's policy is not tried: ${missing}.`);

const EMAILS = 'export default async function (payload: unknown) { console.log("first", payload); }\n';
const FILES = {
  "package.json": JSON.stringify({ name: "shop", private: true, type: "module" }),
  "queues/emails.ts": EMAILS,
  "queues/orders.fifo.ts": "export default async function (payload: unknown) { console.log(payload); }\n",
  "schedules/daily.ts": 'export const schedule = "daily at 4:00";\nexport default async function () {}\n',
  "api/index.ts": 'export const get = () => "home";\n',
  "socket/index.ts": "export default async function () {}\n",
};

type Policy = { Version: string; Statement: (Statement & { Action: string[] })[] };

/** Actions as moto spells them, where that is not as AWS does. */
const SPELLED_BY_MOTO: Record<string, string | string[]> = {
  "tag:GetResources": "tagging:GetResources",
  "cloudwatch:GetMetricData": "monitoring:GetMetricData",
  "lambda:InvokeFunction": "lambda:Invoke",
  "scheduler:ListTagsForResource": "scheduler:ListTags",
  // AWS knows HTTP's methods only.
  "apigateway:GET": ["GetApis", "GetIntegrations", "GetRoutes", "GetStages"].map(ofApiGateway),
  "apigateway:POST": ["CreateApi", "CreateIntegration", "CreateRoute", "CreateStage", "TagResource"].map(
    ofApiGateway,
  ),
  "apigateway:PATCH": ["UpdateIntegration", "UpdateRoute", "UpdateStage"].map(ofApiGateway),
  "apigateway:DELETE": ["DeleteApi", "UntagResource"].map(ofApiGateway),
};

function ofApiGateway(operation: string): string {
  return `apigateway:${operation}`;
}

/**
 * The document as far as moto can judge it: by action. It takes every resource for "*", and has no values for
 * conditions; nor is it asked about what the proxy answers in its place (mappings, function URLs, resource policies, the
 * recursion setting) and what has an ARN in its path (tags). These the test judges afterwards, from the calls.
 */
function asMotoKnowsIt({ Version, Statement }: Policy) {
  const Action = Statement.flatMap((each) => each.Action).flatMap(
    (action) => SPELLED_BY_MOTO[action] ?? action,
  );
  return { Version, Statement: [{ Effect: "Allow", Action, Resource: "*" }] };
}

describe.skipIf(missing !== null)("whoever has the policy that `policy` prints", { timeout: 180_000 }, () => {
  let aws: Aws;
  let users: IamUsers;
  let policy: Policy;
  let project: TemporaryProject;
  let ci: AccessKey;

  const run = (args: string[], { key = ci, input }: { key?: AccessKey; input?: string } = {}) =>
    runCommand(args, {
      cwd: project.folder,
      env: {
        ...aws.env,
        AWS_ACCESS_KEY_ID: key.accessKeyId,
        AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
      },
      input,
      deadlineMs: 100_000,
    });
  const ran = async (args: string[], options = {}) => {
    const { code, stdout, stderr } = await run(args, options);
    expect([args.join(" "), code, stderr]).toEqual([args.join(" "), 0, ""]);
    return stdout;
  };

  /** Of the calls that were made, what a policy does not allow: by action, resource and condition. */
  const deniedBy = ({ Statement }: Policy) =>
    requestsOfDeployer(aws.calls(), aws).filter((request) => !allows(Statement, request));

  beforeAll(async () => {
    aws = await startAws();
    project = makeProject(FILES, { keep: true });
    users = await enforceIam(aws);
    const nobody = { accessKeyId: "", secretAccessKey: "" };
    policy = JSON.parse((await run(["policy"], { key: nobody })).stdout);
    ci = await users.create("ci", asMotoKnowsIt(policy));
  }, 120_000);
  afterAll(async () => {
    await aws?.stop();
    project?.dispose();
  });

  test("may deploy, change, go back, look after a stage, and delete it; and makes no call that it does not name", async () => {
    const stranger = await users.create("stranger", {
      Version: "2012-10-17",
      Statement: [{ Effect: "Deny", Action: "*", Resource: "*" }],
    });
    const refused = await run(["deploy", "--yes"], { key: stranger });
    expect(refused.stderr).toContain("QR_AWS_ACCESS_DENIED");

    aws.forget();
    expect(await ran(["deploy", "--yes"])).toContain("Deployed");
    await ran(["env", "set", "GREETING=hello"]);
    project.write("queues/emails.ts", EMAILS.replace("first", "second"));
    project.write(
      "schedules/daily.ts",
      'export const schedule = "daily at 5:00";\nexport default async function () {}\n',
    );
    expect(await ran(["deploy", "--yes"])).toContain("Deployed");
    expect(await ran(["deploy", "--yes", "--refresh"])).toContain("Nothing to change.");
    expect(await ran(["rollback", "--yes"])).toContain("Deployed");
    await ran(["status"]);
    await ran(["versions"]);
    await ran(["logs", "--since", "1h"]);
    await ran(["metrics"]);
    await ran(["queue", "emails", "1"]);
    await ran(["queue", "orders.fifo", "1", "--group", "a", "--delay", "1h"]);
    await ran(["schedule", "daily"]);
    await ran(["failed", "ls"]);
    project.remove("socket/index.ts");
    project.remove("schedules/daily.ts");
    expect(await ran(["deploy", "--yes", "--prune"])).toContain("Deployed");
    await ran(["delete", "--force", "--confirm", "prod"]);

    expect(new Set(aws.calls().map(actionOf)).size).toBeGreaterThan(50);
    expect(deniedBy(policy)).toEqual([]);
    // What is no other project's, and no other stage's.
    for (const other of ["shop-test", "other-prod"]) {
      const queue = {
        action: "sqs:DeleteQueue",
        resource: `arn:aws:sqs:us-east-1:123456789012:${other}-emails`,
      };
      expect(allows(policy.Statement, { ...queue, context: {} })).toBe(false);
    }
  });

  test("may do so where names have to be shortened", async () => {
    const name = "a-project-with-a-name-that-somebody-must-have-liked-very-much";
    project.write("package.json", JSON.stringify({ name, private: true, type: "module" }));
    aws.forget();
    expect(await ran(["deploy", "--yes", "--stage", "production"])).toContain("Deployed");
    const own: Policy = JSON.parse(await ran(["policy", "--stage", "production"]));
    expect(deniedBy(own)).toEqual([]);
    expect(deniedBy(policy)).not.toEqual([]);
    await ran(["delete", "--stage", "production", "--force", "--confirm", "production"]);
    expect(deniedBy(own)).toEqual([]);
    project.write("package.json", FILES["package.json"]);
  });

  test("is told the action that is missing, when one is taken away", async () => {
    const random = randomFrom();
    console.log(`Actions taken away: SEED=${random.seed}`);
    // Moto asks about these in a deploy from nothing.
    const some = [
      "sqs:CreateQueue",
      "iam:CreateRole",
      "iam:PutRolePolicy",
      "lambda:CreateFunction",
      "lambda:CreateAlias",
      "logs:CreateLogGroup",
      "dynamodb:CreateTable",
      "dynamodb:Query",
      "scheduler:CreateSchedule",
      "scheduler:CreateScheduleGroup",
      "ssm:GetParameter",
      "iam:ListRoles",
    ];
    for (let tries = 0; tries < 3; tries++) {
      const action = some[random.between(0, some.length - 1)] ?? "";
      const rest = asMotoKnowsIt(policy);
      for (const statement of rest.Statement)
        statement.Action = statement.Action.filter((each) => each !== action);
      await users.allow("ci", rest);
      const { code, stderr } = await run(["deploy", "--yes", "--stage", `without${tries}`]);
      expect([action, code, stderr]).toEqual([
        action,
        1,
        expect.stringContaining(`Allow the action ${action} `),
      ]);
      expect(stderr).toMatch(/\[QR_(AWS_ACCESS_DENIED|DEPLOY_FAILED)\]/);
    }
    await users.allow("ci", asMotoKnowsIt(policy));
  });
});
