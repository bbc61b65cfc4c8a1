import { describe, expect, test } from "vitest";
import { deployToModel } from "../testing/model-deploy.js";
import { emptyStage, type ModelStage, readModel } from "../testing/model-stage.js";
import { TEST_SCOPE, type TestProject, testDesired } from "../testing/test-project.js";
import { plan } from "./plan.js";

const SHOP: TestProject = { queues: { emails: {} }, routes: { "/": {} }, schedules: { nightly: {} } };
const OPTIONS = { prune: true, refresh: true };

function deployed(): ModelStage {
  const stage = emptyStage();
  deployToModel(stage, testDesired(SHOP));
  return stage;
}

const NAMES: [string, string, (stage: ModelStage) => { tags: object } | null | undefined][] = [
  ["The DynamoDB table shop-prod", "queue-run.config.ts", (stage) => stage.table],
  ["The SQS queue shop-prod-emails", "queues/emails.ts", ({ queues }) => queues.get("shop-prod-emails")],
  [
    "The SQS queue shop-prod-emails-dlq",
    "queues/emails.ts",
    ({ queues }) => queues.get("shop-prod-emails-dlq"),
  ],
  [
    "The IAM role shop-prod-queue-emails",
    "queues/emails.ts",
    ({ roles }) => roles.get("shop-prod-queue-emails"),
  ],
  ["The IAM role shop-prod-scheduler", "schedules/", ({ roles }) => roles.get("shop-prod-scheduler")],
  ["The Lambda function shop-prod-api", "api/", ({ functions }) => functions.get("shop-prod-api")],
  ["The schedule group shop-prod is", "schedules/", ({ scheduleGroups }) => scheduleGroups.get("shop-prod")],
  [
    "The schedule group shop-prod-delayed",
    "queues/",
    ({ scheduleGroups }) => scheduleGroups.get("shop-prod-delayed"),
  ],
  ["The IAM role shop-prod-delayed", "queues/", ({ roles }) => roles.get("shop-prod-delayed")],
  [
    "The SQS queue shop-prod-_undeliverable",
    "queues/",
    ({ queues }) => queues.get("shop-prod-_undeliverable"),
  ],
];

test.each(NAMES)(
  "%s that was not made by queue-run is not touched, and nothing else is",
  (what, file, find) => {
    const stage = deployed();
    Object.assign(find(stage) ?? {}, { tags: { owner: "somebody" } });
    const { steps, problems } = plan(
      testDesired(SHOP),
      readModel(stage, testDesired(SHOP), { refresh: true }),
      OPTIONS,
    );
    expect(steps).toEqual([]);
    expect(problems).toMatchObject([{ code: "QR_NAME_TAKEN", file, message: expect.stringContaining(what) }]);
    expect(problems[0]?.message).toContain("was not made by queue-run");
  },
);

test.each(NAMES)("%s of another project's stage is not touched", (_, __, find) => {
  const stage = deployed();
  const tags = { "queue-run:project": "shop-prod", "queue-run:stage": "emails" };
  Object.assign(find(stage) ?? {}, { tags });
  const { steps, problems } = plan(
    testDesired(SHOP),
    readModel(stage, testDesired(SHOP), { refresh: true }),
    OPTIONS,
  );
  expect(steps).toEqual([]);
  expect(problems[0]?.message).toContain("belongs to the project shop-prod, stage emails");
});

test("a log group that stood there before its function is not taken over", () => {
  const stage = emptyStage();
  stage.logGroups.set("/aws/lambda/shop-prod-queue-emails", { retentionDays: null, tags: {} });
  const desired = testDesired(SHOP);
  const { steps, problems } = plan(desired, readModel(stage, desired), OPTIONS);
  expect(steps).toEqual([]);
  expect(problems).toMatchObject([{ code: "QR_NAME_TAKEN", file: "queues/emails.ts" }]);
});

test("a table with other keys is not used", () => {
  const stage = deployed();
  Object.assign(stage.table ?? {}, { keysMatch: false });
  const { steps, problems } = plan(
    testDesired(SHOP),
    readModel(stage, testDesired(SHOP), { refresh: true }),
    OPTIONS,
  );
  expect(steps).toEqual([]);
  expect(problems[0]?.message).toContain("has other keys than pk and sk");
});

test("names that are taken are all said at once", () => {
  const stage = deployed();
  for (const [, , find] of NAMES) Object.assign(find(stage) ?? {}, { tags: {} });
  const { problems } = plan(
    testDesired(SHOP),
    readModel(stage, testDesired(SHOP), { refresh: true }),
    OPTIONS,
  );
  expect(problems).toHaveLength(NAMES.length);
});

test("two stages with names that could be mistaken for each other leave each other alone", () => {
  const stage = emptyStage();
  const other = { ...TEST_SCOPE, project: "shop-prod", stage: "x" };
  const project: TestProject = { queues: { emails: {} } };
  deployToModel(stage, testDesired(project, other));
  const { steps, problems } = plan(testDesired({}), readModel(stage, testDesired({})), {
    prune: true,
    refresh: false,
  });
  expect(problems).toMatchObject([{ code: "QR_NAME_TAKEN" }]);
  expect(steps).toEqual([]);
});

describe("roles, which are the same in all regions, of the same stage in another one", () => {
  const there = { ...TEST_SCOPE, region: "us-east-1" };

  test("are not taken from what serves there", () => {
    const { roles } = deployed();
    const stage: ModelStage = { ...emptyStage(), roles };
    const { steps, problems } = plan(
      testDesired(SHOP, there),
      readModel(stage, testDesired(SHOP, there)),
      OPTIONS,
    );
    expect(steps).toEqual([]);
    expect(problems.map(({ code }) => code)).toEqual(
      roles.size === 0 ? [] : Array(roles.size).fill("QR_NAME_TAKEN"),
    );
    expect(problems[0]).toMatchObject({
      message: expect.stringMatching(/^The IAM role shop-prod-\S+ is of this stage in eu-west-1/),
      fix: expect.stringContaining("queue-run delete --stage prod --region eu-west-1"),
    });
  });

  test("stay when what is here is pruned", () => {
    const stage: ModelStage = { ...emptyStage(), roles: deployed().roles };
    const { steps, problems } = plan(
      testDesired({}, there),
      readModel(stage, testDesired({}, there), OPTIONS),
      OPTIONS,
    );
    expect(problems).toEqual([]);
    expect(steps.filter(({ operation }) => operation.type === "delete-role")).toEqual([]);
  });

  test("nor do they go with functions of their names", () => {
    const stage = emptyStage();
    deployToModel(stage, testDesired(SHOP, there));
    for (const role of stage.roles.values()) role.path = "/queue-run/shop/prod/eu-west-1/";
    const { steps } = plan(
      testDesired({}, there),
      readModel(stage, testDesired({}, there), OPTIONS),
      OPTIONS,
    );
    expect(steps.map(({ operation }) => operation.type)).toContain("delete-function");
    expect(steps.filter(({ operation }) => operation.type === "delete-role")).toEqual([]);
  });
});
