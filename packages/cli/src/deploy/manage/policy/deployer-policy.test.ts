import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { physicalQueueNames } from "@queue-run/runtime/names";
import { expect, test } from "vitest";
import { iamActionOf } from "../../aws/iam-action.js";
import { functionName, logGroupName, undeliverableQueueName } from "../../desired/resource-names.js";
import { deployerPolicy } from "./deployer-policy.js";

const DEPLOY = fileURLToPath(new URL("../..", import.meta.url));

/** IAM's prefixes of the SDK's packages. */
const SERVICES: Record<string, string> = {
  apigatewayv2: "apigateway",
  cloudwatch: "cloudwatch",
  "cloudwatch-logs": "logs",
  dynamodb: "dynamodb",
  iam: "iam",
  lambda: "lambda",
  "resource-groups-tagging-api": "tag",
  scheduler: "scheduler",
  sqs: "sqs",
  ssm: "ssm",
  sts: "sts",
};

/** What AWS asks for besides the actions of the calls. Service Authorization Reference, "dependent actions". */
const IMPLIED = [
  // CreateFunction and CreateSchedule pass a role.
  "iam:PassRole",
  // Creating with tags.
  "ssm:AddTagsToResource",
  // Jobs of tracked queues that are pushed from the command line: the runtime's own client writes their records.
  "dynamodb:BatchGetItem",
  "dynamodb:BatchWriteItem",
  "dynamodb:DeleteItem",
];

/** Every action that the code's own imports of the SDK stand for. */
function actionsInCode(): Set<string> {
  const actions = new Set<string>();
  for (const file of readdirSync(DEPLOY, { recursive: true, encoding: "utf8" })) {
    if (!file.endsWith(".ts") || file.endsWith(".test.ts")) continue;
    const source = readFileSync(join(DEPLOY, file), "utf8");
    for (const [, names = "", client = ""] of source.matchAll(
      /import (?:type )?\{([^}]*)\} from "@aws-sdk\/client-([a-z0-9-]+)"/g,
    )) {
      const service = SERVICES[client];
      if (!service) throw new Error(`${file} imports client-${client}, which this test does not know`);
      for (const name of names.split(",").map((each) => each.trim())) {
        const command = /^(\w+)Command$/.exec(name)?.[1] ?? /^paginate(\w+)$/.exec(name)?.[1];
        if (command) actions.add(iamActionOf(service, command));
      }
    }
  }
  return actions;
}

const scope = {
  partition: "aws",
  account: "123456789012",
  region: "eu-west-1",
  project: "shop",
  stage: "prod",
};
const allowed = () => new Set(deployerPolicy(scope).Statement.flatMap(({ Action }) => Action));

test("allows every call that the code makes, and nothing that it does not", () => {
  const needed = new Set([...actionsInCode(), ...IMPLIED]);
  expect([...needed].filter((action) => !allowed().has(action)).sort()).toEqual([]);
  expect([...allowed()].filter((action) => !needed.has(action)).sort()).toEqual([]);
});

test("allows what changes anything only on what is the stage's own", () => {
  const changing = deployerPolicy(scope).Statement.filter(({ Action }) =>
    Action.some((action) => !/:(Get|List|Describe)/.test(action)),
  );
  expect(changing.filter(({ Resource, Condition }) => Resource.includes("*") && !Condition)).toEqual([]);
  for (const arn of changing.flatMap(({ Resource }) => Resource).filter((each) => each !== "*"))
    expect(arn).toMatch(/shop-prod|\/queue-run\/shop\/prod\/|:\/apis|:\/tags|event-source-mapping/);
});

test("allows what has a name that had to be shortened, which may lack a part of the prefix", () => {
  const long = {
    ...scope,
    project: "a-project-with-a-name-that-somebody-must-have-liked-very-much-",
    stage: "p",
  };
  const statement = (wanted: string) => deployerPolicy(long).Statement.find(({ Sid }) => Sid === wanted);
  const covers = (patterns: readonly string[] | undefined, arn: string) =>
    (patterns ?? []).some((pattern) => pattern.endsWith("*") && arn.startsWith(pattern.slice(0, -1)));
  const arn = (service: string, resource: string) => `arn:aws:${service}:eu-west-1:123456789012:${resource}`;
  for (const name of ["emails", "orders.fifo", "a-queue-with-quite-a-name.fifo"]) {
    const { queue, deadLetterQueue } = physicalQueueNames({ ...long, name });
    for (const each of [queue, deadLetterQueue])
      expect([each, covers(statement("Queues")?.Resource, arn("sqs", each))]).toEqual([each, true]);
    const called = functionName(long, `queue:${name}`);
    const live = arn("lambda", `function:${called}`);
    expect(covers(statement("Functions")?.Resource, live)).toBe(true);
    expect(covers(statement("Mappings")?.Condition?.ArnLike?.["lambda:FunctionArn"] as string[], live)).toBe(
      true,
    );
    expect(covers(statement("Logs")?.Resource, arn("logs", `log-group:${logGroupName(called)}:*`))).toBe(
      true,
    );
  }
  expect(covers(statement("Queues")?.Resource, arn("sqs", undeliverableQueueName(long)))).toBe(true);
  // No more than had to be cut.
  expect(covers(statement("Functions")?.Resource, arn("lambda", "function:a-project-with-a-name"))).toBe(
    false,
  );
  expect(JSON.stringify(deployerPolicy(long)).length).toBeLessThan(6_144);
});

test("allows Lambda to look at the network where functions are in one", () => {
  const actions = (vpc: boolean) => deployerPolicy(scope, { vpc }).Statement.flatMap(({ Action }) => Action);
  expect(actions(true)).toContain("ec2:DescribeSubnets");
  expect(actions(false).filter((action) => action.startsWith("ec2:"))).toEqual([]);
  expect(JSON.stringify(deployerPolicy(scope, { vpc: true })).length).toBeLessThan(6_144);
});

test("allows to look at whoever's schedules that may be aimed at a queue to be pruned, and no more", () => {
  const actions = deployerPolicy(scope)
    .Statement.filter(({ Resource }) => Resource.some((arn) => arn.includes(":schedule/default/")))
    .flatMap(({ Action }) => Action);
  expect(actions).toEqual(["scheduler:GetSchedule"]);
});

test("is short enough for a managed policy", () => {
  // IAM User Guide, "IAM and AWS STS quotas": 6,144 characters, white space not counted.
  expect(JSON.stringify(deployerPolicy(scope)).length).toBeLessThan(6_144);
});
