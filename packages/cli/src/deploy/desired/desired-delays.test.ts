import { describe, expect, test } from "vitest";
import { TEST_SCOPE, type TestProject, testDesired } from "../testing/test-project.js";
import { policyLength } from "./policy-document.js";

const sqs = (name: string) => `arn:aws:sqs:eu-west-1:123456789012:${name}`;
const TAGS = { "queue-run:project": "shop", "queue-run:stage": "prod" };
const pushesTo = (name: string) => `import { queues } from "queue-run"; queues(${JSON.stringify(name)});`;

test("messages wait in a group of their own, are sent with a role of their own, and never get lost", () => {
  expect(testDesired({ queues: { emails: {}, "orders.fifo": {} } }).delays).toEqual({
    unit: "delays",
    group: {
      name: "shop-prod-delayed",
      arn: "arn:aws:scheduler:eu-west-1:123456789012:schedule-group/shop-prod-delayed",
      tags: { ...TAGS, "queue-run:kind": "schedule-group", "queue-run:name": "delays" },
    },
    role: {
      name: "shop-prod-delayed",
      path: "/queue-run/shop/prod/eu-west-1/",
      arn: "arn:aws:iam::123456789012:role/queue-run/shop/prod/eu-west-1/shop-prod-delayed",
      trust: {
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Principal: { Service: "scheduler.amazonaws.com" },
            Action: "sts:AssumeRole",
            Condition: {
              StringEquals: {
                "aws:SourceAccount": "123456789012",
                "aws:SourceArn": "arn:aws:scheduler:eu-west-1:123456789012:schedule-group/shop-prod-delayed",
              },
            },
          },
        ],
      },
      // Also the queues of files that are gone.
      statements: [{ Effect: "Allow", Action: ["sqs:SendMessage"], Resource: [sqs("shop-prod-*")] }],
      tags: { ...TAGS, "queue-run:kind": "role", "queue-run:name": "delays" },
    },
    undeliverable: {
      unit: "delays",
      name: "",
      file: "queues/",
      role: "undeliverable",
      fifo: false,
      physicalName: "shop-prod-_undeliverable",
      arn: sqs("shop-prod-_undeliverable"),
      attributes: {
        DelaySeconds: "0",
        MaximumMessageSize: "1048576",
        ReceiveMessageWaitTimeSeconds: "0",
        VisibilityTimeout: "30",
        MessageRetentionPeriod: "1209600",
      },
      tags: { ...TAGS, "queue-run:kind": "undeliverable-queue" },
    },
  });
});

test("a project without queues needs none of it", () => {
  expect(testDesired({ routes: { "/": {} } }).delays).toBeNull();
});

test("names that had to be shortened are allowed one by one", () => {
  const scope = {
    ...TEST_SCOPE,
    project: "a-project-with-a-name-that-is-far-too-long-for-sqs-to-take-it-whole",
    stage: "production",
  };
  const { delays, queues } = testDesired({ queues: { emails: {} } }, scope);
  const allowed = delays?.role.statements[0]?.Resource ?? [];
  const isAllowed = (arn: string) =>
    [allowed].flat().some((each) => (each.endsWith("*") ? arn.startsWith(each.slice(0, -1)) : arn === each));
  const arns = [...queues.filter(({ role }) => role === "queue"), delays?.undeliverable];
  expect(arns.map((queue) => isAllowed(queue?.arn ?? ""))).toEqual([true, true]);
});

describe("functions", () => {
  const project: TestProject = {
    queues: { emails: {}, quiet: {} },
    routes: { "/": {} },
    sources: {
      api: pushesTo("emails"),
      "queue:emails": 'import { queues } from "queue-run"; queues.cancel("a");',
    },
  };
  const fn = (id: string) => testDesired(project).functions.find((each) => each.id === id);

  test.each(["api", "queue:emails"])("that push or cancel may delay: %s", (id) => {
    expect(fn(id)?.environment.variables).toMatchObject({
      QUEUE_RUN_DELAY_GROUP: "shop-prod-delayed",
      QUEUE_RUN_DELAY_ROLE: "arn:aws:iam::123456789012:role/queue-run/shop/prod/eu-west-1/shop-prod-delayed",
      QUEUE_RUN_DELAY_DLQ: sqs("shop-prod-_undeliverable"),
    });
    expect(fn(id)?.role.statements).toEqual(
      expect.arrayContaining([
        {
          Effect: "Allow",
          Action: ["scheduler:CreateSchedule", "scheduler:DeleteSchedule"],
          Resource: ["arn:aws:scheduler:eu-west-1:123456789012:schedule/shop-prod-delayed/*"],
        },
        {
          Effect: "Allow",
          Action: ["iam:PassRole"],
          Resource: ["arn:aws:iam::123456789012:role/queue-run/shop/prod/eu-west-1/shop-prod-delayed"],
          Condition: { StringEquals: { "iam:PassedToService": "scheduler.amazonaws.com" } },
        },
      ]),
    );
  });

  test("that push nothing may not", () => {
    expect(fn("queue:quiet")?.environment.variables).not.toHaveProperty("QUEUE_RUN_DELAY_GROUP");
    expect(JSON.stringify(fn("queue:quiet")?.role.statements)).not.toContain("scheduler:");
  });
});

describe("records of tracked queues", () => {
  const tracked = { track: true };
  const limits = { payloadBytes: null, pending: 5, pushes: null, hops: 100 };
  const accessOf = (project: TestProject, id: string) => {
    const fn = testDesired(project).functions.find((each) => each.id === id);
    const statement = fn?.role.statements.find(({ Action }) => [Action].flat().includes("dynamodb:Query"));
    const condition = statement?.Condition as Record<string, Record<string, string[]>> | undefined;
    return {
      table: fn?.environment.variables.QUEUE_RUN_TABLE,
      keys: condition?.["ForAllValues:StringLike"]?.["dynamodb:LeadingKeys"],
    };
  };

  test("are its own function's, and no other's", () => {
    const project: TestProject = { queues: { emails: tracked, quiet: {} } };
    expect(accessOf(project, "queue:emails")).toEqual({
      table: "shop-prod",
      keys: ["job#emails#*", "tag#emails#*"],
    });
    expect(accessOf(project, "queue:quiet")).toEqual({ table: undefined, keys: undefined });
  });

  test("are those functions' that refer to the queue; with entries of deduplication and limits where it has them", () => {
    const project: TestProject = {
      queues: { "orders.fifo": { ...tracked, limits }, quiet: tracked },
      routes: { "/": {} },
      sources: { api: pushesTo("orders.fifo") },
    };
    expect(accessOf(project, "api").keys).toEqual([
      "dedupe#orders.fifo#*",
      "job#orders.fifo#*",
      "pending#orders.fifo#*",
      "tag#orders.fifo#*",
    ]);
  });

  test("are all a function's that cancels by tag in every queue", () => {
    const project: TestProject = {
      queues: { a: tracked, b: tracked, c: {} },
      routes: { "/": {} },
      sources: { api: 'import { queues } from "queue-run"; queues.cancel("x");' },
    };
    expect(accessOf(project, "api").keys).toEqual(["job#a#*", "job#b#*", "tag#a#*", "tag#b#*"]);
  });

  test("of very many queues are one pattern", () => {
    const queues = Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`queue-${at}`, tracked]));
    const project = {
      queues,
      routes: { "/": {} },
      sources: { api: 'import { queues } from "queue-run"; use(queues);' },
    };
    expect(accessOf(project, "api").keys).toEqual(["dedupe#*#*", "job#*#*", "pending#*#*", "tag#*#*"]);
    const api = testDesired(project).functions.find(({ id }) => id === "api");
    expect(policyLength(api?.role.statements ?? [])).toBeLessThan(8_000);
  });
});
