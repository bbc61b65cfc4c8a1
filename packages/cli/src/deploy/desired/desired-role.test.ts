import { describe, expect, test } from "vitest";
import { type TestProject, testDesired } from "../testing/test-project.js";
import type { DesiredFunction } from "./desired-state.js";
import { policyLength } from "./policy-document.js";

const sqs = (name: string) => `arn:aws:sqs:eu-west-1:123456789012:${name}`;

function fn(project: TestProject, id: string): DesiredFunction {
  const found = testDesired(project).functions.find((each) => each.id === id);
  if (!found) throw new Error(`There is no function ${id}.`);
  return found;
}

describe("roles", () => {
  const send = (names: string[]) => names.map((name) => `queues(${JSON.stringify(name)});`).join("");
  const source = (code: string) => `import { queues } from "queue-run"; ${code}`;

  const sendingOf = ({ statements }: DesiredFunction["role"]) =>
    statements.find(({ Action }) => [Action].flat().includes("sqs:SendMessage"));

  test("have no statement's own id: in one policy, IAM takes each once", () => {
    const statement = { Sid: "Read", Action: "s3:GetObject", Resource: "*" };
    const project: TestProject = {
      queues: { emails: { permissions: [statement] } },
      settings: { permissions: [{ ...statement, Action: "s3:PutObject" }] },
    };
    const own = fn(project, "queue:emails").role.statements.slice(-2);
    expect(own).toEqual([
      { Effect: "Allow", Action: "s3:PutObject", Resource: "*" },
      { Effect: "Allow", Action: "s3:GetObject", Resource: "*" },
    ]);
  });

  test("allow a function its log, its queue, its dead letters, the queues that it pushes to, and what the project says", () => {
    const project: TestProject = {
      queues: { emails: { permissions: [{ Action: "s3:GetObject", Resource: "a" }] }, orders: {}, other: {} },
      sources: { "queue:emails": source(send(["orders"])) },
      settings: {
        permissions: [{ Effect: "Deny", Action: "s3:*", Resource: "b" }],
        vpc: { subnetIds: ["subnet-1"], securityGroupIds: ["sg-1"] },
      },
    };
    const { role } = fn(project, "queue:emails");
    expect(role).toMatchObject({
      path: "/queue-run/shop/prod/eu-west-1/",
      arn: "arn:aws:iam::123456789012:role/queue-run/shop/prod/eu-west-1/shop-prod-queue-emails",
    });
    expect(role.statements).toEqual([
      {
        Effect: "Allow",
        Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
        Resource: ["arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/shop-prod-queue-emails:*"],
      },
      {
        Effect: "Allow",
        Action: [
          "sqs:ReceiveMessage",
          "sqs:DeleteMessage",
          "sqs:ChangeMessageVisibility",
          "sqs:GetQueueAttributes",
        ],
        Resource: [sqs("shop-prod-emails")],
      },
      {
        Effect: "Allow",
        Action: ["sqs:SendMessage"],
        Resource: [sqs("shop-prod-emails-dlq"), sqs("shop-prod-orders")],
      },
      expect.objectContaining({ Action: expect.arrayContaining(["scheduler:CreateSchedule"]) }),
      expect.objectContaining({ Action: ["iam:PassRole"] }),
      {
        Effect: "Allow",
        Action: expect.arrayContaining(["ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface"]),
        Resource: ["*"],
      },
      { Effect: "Deny", Action: "s3:*", Resource: "b" },
      { Effect: "Allow", Action: "s3:GetObject", Resource: "a" },
    ]);
  });

  test("allow all of the project's queues to a function whose source does not say to which it pushes", () => {
    const project: TestProject = {
      queues: { a: {}, b: {} },
      routes: { "/": {} },
      sources: { api: source("use(queues)") },
    };
    const { role, sendsTo } = fn(project, "api");
    expect(sendingOf(role)?.Resource).toEqual([sqs("shop-prod-a"), sqs("shop-prod-b")]);
    expect(sendsTo).toEqual(["a", "b"]);
  });

  test("name very many queues by what their names begin with, which leaves room for permissions", () => {
    const queues = Object.fromEntries(
      Array.from({ length: 200 }, (_, at) => [`a-queue-with-a-name-${at}`, {}]),
    );
    const { role } = fn({ queues, routes: { "/": {} }, sources: { api: source("use(queues)") } }, "api");
    expect(sendingOf(role)?.Resource).toEqual([sqs("shop-prod-*")]);
    expect(policyLength(role.statements)).toBeLessThan(1_500);
  });
});
