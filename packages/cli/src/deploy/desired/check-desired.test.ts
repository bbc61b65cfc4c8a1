import { describe, expect, test } from "vitest";
import { TEST_SCOPE, type TestProject, testDesired, testInput } from "../testing/test-project.js";
import { checkDesired } from "./check-desired.js";
import { desiredState } from "./make-desired-state.js";

const EMAILS: TestProject = { queues: { emails: {} } };

function problems(project: TestProject, scope = TEST_SCOPE): string[] {
  const input = testInput(project, scope);
  const found = checkDesired(desiredState(input), input);
  expect(found.every(({ fix }) => fix.length > 0)).toBe(true);
  return found.map(({ code, file, message }) => `${code} ${file}: ${message}`);
}

test("a project without faults has no problems", () => {
  const settings = {
    requiredEnv: ["A_KEY", "B_KEY", "C_KEY", "QUEUE_RUN_URL", "NODE_ENV"],
    env: { A_KEY: "1" },
    tags: { team: "a b-c_d.e:f/g=h+i@j" },
    vpc: { subnetIds: ["subnet-0a1b"], securityGroupIds: ["sg-0a1b"] },
    http: "api-gateway" as const,
  };
  const project = { ...EMAILS, routes: { "/": { timeoutSeconds: 30 } }, schedules: { nightly: {} } };
  expect(problems({ ...project, settings, parameter: { B_KEY: "1" }, flags: { C_KEY: "1" } })).toEqual([]);
});

describe("one problem each", () => {
  const vpc = { subnetIds: ["subnet-1"], securityGroupIds: ["sg-1"] };
  test.each<[string, TestProject, string]>([
    [
      "Lambda's own variable",
      { ...EMAILS, settings: { env: { AWS_REGION: "x" } } },
      "QR_VARIABLE_NAME queue-run.config.ts (env): AWS_REGION is set by Lambda itself.",
    ],
    [
      "our variable",
      { ...EMAILS, flags: { QUEUE_RUN_STAGE: "x" } },
      "QR_VARIABLE_NAME -e: QUEUE_RUN_STAGE is set by queue-run itself.",
    ],
    [
      "no variable's name",
      { ...EMAILS, parameter: { "A-B": "x" } },
      "QR_VARIABLE_NAME queue-run env --stage prod: A-B is no name of a variable",
    ],
    [
      "a required variable",
      { ...EMAILS, settings: { requiredEnv: ["API_KEY"] } },
      "QR_REQUIRED_ENV queue-run.config.ts: API_KEY is in requiredEnv and has no value on the stage prod.",
    ],
    [
      "an empty required variable",
      { ...EMAILS, parameter: { API_KEY: "" }, settings: { requiredEnv: ["API_KEY"] } },
      "QR_REQUIRED_ENV",
    ],
    [
      "the address without routes",
      { ...EMAILS, settings: { requiredEnv: ["QUEUE_RUN_URL"] } },
      "QR_REQUIRED_ENV",
    ],
    [
      "too much in variables",
      { ...EMAILS, parameter: { LONG: "é".repeat(2_000), SHORT: "1" } },
      "QR_VARIABLES_TOO_LARGE queues/emails.ts: Its variables take 4",
    ],
    [
      "too little memory",
      { queues: { emails: { memoryMegabytes: 64 } } },
      "QR_INVALID_CONFIG queues/emails.ts: memory comes to 64 MB; AWS takes whole numbers from 128 to 10240.",
    ],
    [
      "half a megabyte",
      { queues: { emails: { memoryMegabytes: 128.5 } } },
      "QR_INVALID_CONFIG queues/emails.ts: memory comes to 128.5 MB",
    ],
    [
      "a concurrency that AWS has not",
      { queues: { emails: { concurrency: 4_000, batchSize: 1 } } },
      "QR_INVALID_CONFIG queues/emails.ts: concurrency comes to 4000; AWS takes whole numbers from 2 to 1000.",
    ],
    [
      "too many permissions",
      {
        queues: {
          emails: {
            permissions: [
              {
                Action: "s3:GetObject",
                Resource: Array.from(
                  { length: 300 },
                  (_, at) => `arn:aws:s3:::a-long-name-of-a-bucket-${at}`,
                ),
              },
            ],
          },
        },
      },
      "QR_POLICY_TOO_LONG queues/emails.ts: The policy of role shop-prod-queue-emails would be ",
    ],
    [
      "no subnets",
      { ...EMAILS, settings: { vpc: { ...vpc, subnetIds: [] } } },
      "QR_INVALID_CONFIG queue-run.config.ts: vpc.subnetIds is empty.",
    ],
    [
      "no subnet",
      { ...EMAILS, settings: { vpc: { ...vpc, subnetIds: ["subnet-1", "sg-1"] } } },
      "QR_INVALID_CONFIG queue-run.config.ts: vpc.subnetIds has sg-1, which is no such id.",
    ],
    [
      "too many security groups",
      {
        ...EMAILS,
        settings: { vpc: { ...vpc, securityGroupIds: ["sg-1", "sg-2", "sg-3", "sg-4", "sg-5", "sg-6"] } },
      },
      "vpc.securityGroupIds has 6 members; Lambda allows 5.",
    ],
    [
      "a long tag",
      { ...EMAILS, settings: { tags: { ["k".repeat(129)]: "v" } } },
      "has a name of 129 characters; AWS allows 1 to 128.",
    ],
    [
      "a long value of a tag",
      { ...EMAILS, settings: { tags: { k: "v".repeat(257) } } },
      "QR_INVALID_CONFIG queue-run.config.ts: tags.k has a value of 257 characters; AWS allows 256.",
    ],
    [
      "a tag of AWS",
      { ...EMAILS, settings: { tags: { "AWS:k": "v" } } },
      "tags.AWS:k begins with what is kept for AWS and for queue-run.",
    ],
    ["a tag of ours", { ...EMAILS, settings: { tags: { "queue-run:k": "v" } } }, "begins with what is kept"],
    [
      "a character in a tag",
      { ...EMAILS, settings: { tags: { k: "a;b" } } },
      "tags.k has a character that not all of AWS's services allow.",
    ],
    [
      "too many tags",
      {
        ...EMAILS,
        settings: { tags: Object.fromEntries(Array.from({ length: 47 }, (_, at) => [`k${at}`, "v"])) },
      },
      "tags has 47 tags; AWS allows 50 on a resource, and 4 of them are ours.",
    ],
    [
      "a slow route behind API Gateway",
      { routes: { "/slow": { timeoutSeconds: 60 } }, settings: { http: "api-gateway" } },
      "QR_INVALID_CONFIG api/slow.ts: config.timeout is 60 s; behind API Gateway, a request is given up after 30 s.",
    ],
    [
      "two functions of one name",
      { queues: { "a.fifo": {}, "a-fifo": {} } },
      "QR_DUPLICATE_PHYSICAL_NAME queues/a-fifo.ts: Its function would be called shop-prod-queue-a-fifo on AWS, as that of queues/a.fifo.ts is.",
    ],
  ])("%s", (_, project, expected) => {
    const found = problems(project);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(expected);
  });

  test.each([
    ["", '"" cannot be a stage'],
    ["a b", '"a b" cannot be a stage'],
    ["-a", '"-a" cannot be a stage'],
    ["dev", "the stage of the development server"],
    ["s".repeat(600), "The path of the stage's roles would be"],
  ])("the stage %j", (stage, expected) => {
    const found = problems(EMAILS, { ...TEST_SCOPE, stage });
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(expected);
  });
});

test("all problems are said at once", () => {
  const settings = { env: { AWS_REGION: "x" }, requiredEnv: ["B_KEY"], tags: { "aws:k": "v" } };
  expect(problems({ queues: { emails: { memoryMegabytes: 1 } }, settings })).toHaveLength(4);
});

describe("what would be too long for a tag or for API Gateway", () => {
  const withSocket: TestProject = { ...EMAILS, socket: {} };
  test.each<[string, TestProject, Partial<typeof TEST_SCOPE>, string[]]>([
    ["a stage of 256", EMAILS, { stage: "s".repeat(256) }, []],
    [
      "a stage of 257",
      EMAILS,
      { stage: "s".repeat(257) },
      [
        "QR_STAGE_NAME --stage: The stage's name has 257 characters; AWS allows 256 in the tags that say whose a resource is.",
      ],
    ],
    ["a stage of 128 with a socket", withSocket, { stage: "s".repeat(128) }, []],
    [
      "a stage of 129 with a socket",
      withSocket,
      { stage: "s".repeat(129) },
      [
        "QR_STAGE_NAME --stage: The stage's name has 129 characters; API Gateway allows 128 in the name of a WebSocket API's stage.",
      ],
    ],
    ["a project of 256", withSocket, { project: "p".repeat(256) }, []],
    [
      "a project of 257",
      EMAILS,
      { project: "p".repeat(257) },
      [
        "QR_INVALID_CONFIG queue-run.config.ts: The project's name has 257 characters; AWS allows 256 in the tags that say whose a resource is.",
      ],
    ],
    ["a schedule of 247", { schedules: { ["n".repeat(247)]: {} } }, {}, []],
    [
      "a schedule of 248",
      { schedules: { ["n".repeat(248)]: {} } },
      {},
      [
        `QR_INVALID_SCHEDULE_NAME schedules/${"n".repeat(248)}.ts: The tag with the name of its function would be 257 characters long; AWS allows 256.`,
      ],
    ],
  ])("%s", (_, project, scope, expected) => {
    expect(problems(project, { ...TEST_SCOPE, ...scope })).toEqual(expected);
  });
});

describe("tags that not all of AWS's services take", () => {
  test.each<[string, Record<string, string>, string]>([
    ["an empty value", { team: "" }, "tags.team has no value; EventBridge Scheduler wants one."],
    [
      "names that differ in case",
      { Team: "a", team: "b" },
      "tags.team is tags.Team to IAM, which knows no case.",
    ],
  ])("%s", (_, tags, expected) => {
    expect(problems({ ...EMAILS, settings: { tags } })).toEqual([
      `QR_INVALID_CONFIG queue-run.config.ts: ${expected}`,
    ]);
  });
});

test("roles that differ in case are one to IAM", () => {
  expect(problems({ queues: { Emails: {}, emails: {} } })).toEqual([
    "QR_DUPLICATE_PHYSICAL_NAME queues/emails.ts: Its role would be called shop-prod-queue-emails on AWS, as that of queues/Emails.ts is: IAM knows no case.",
  ]);
});

test.each(["api-gateway" as const, "url" as const])(
  "names of APIs are cut to API Gateway's 128 characters (%s)",
  (http) => {
    const scope = { ...TEST_SCOPE, project: "p".repeat(214) };
    const project: TestProject = { routes: { "/": {} }, socket: {}, settings: { http } };
    const { endpoint, socket } = testDesired(project, scope);
    expect([endpoint?.name.length, socket?.name.length]).toEqual([128, 128]);
    expect(endpoint?.name).not.toBe(socket?.name);
  },
);
