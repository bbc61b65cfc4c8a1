import { describe, expect, test } from "vitest";
import { deployToModel } from "../testing/model-deploy.js";
import { emptyStage, type ModelStage, readModel } from "../testing/model-stage.js";
import { type TestProject, testDesired } from "../testing/test-project.js";
import { plan } from "./plan.js";
import type { Step } from "./step.js";

const EMAILS: TestProject = { queues: { emails: {} } };
const API: TestProject = { routes: { "/": {} } };
const NIGHTLY: TestProject = { schedules: { nightly: {} } };
const SHOP: TestProject = { ...EMAILS, ...API, ...NIGHTLY };

/** A stage that a project was deployed to. */
function deployed(project: TestProject): ModelStage {
  const stage = emptyStage();
  deployToModel(stage, testDesired(project));
  return stage;
}

/** "prepare create-queue shop-prod-emails", and what it waits for. */
function told({ phase, id, after }: Step): string {
  return `${phase} ${id}${after.length > 0 ? ` < ${after.join(", ")}` : ""}`;
}

function planned(
  stage: ModelStage,
  project: TestProject,
  options = { prune: false, refresh: false },
): string[] {
  const desired = testDesired(project);
  const found = plan(desired, readModel(stage, desired, options), options);
  expect(found.problems).toEqual([]);
  return found.steps.map(told);
}

test.each([
  ["emails", EMAILS],
  ["API", API],
  ["HTTP API", { ...API, settings: { http: "api-gateway" } } as TestProject],
  ["schedule", NIGHTLY],
  ["all", SHOP],
])("%s, twice: nothing to change, also when everything is read", (_, project) => {
  const stage = deployed(project);
  expect(planned(stage, project)).toEqual([]);
  expect(planned(stage, project, { prune: true, refresh: true })).toEqual([]);
});

describe("each change takes exactly the steps that it needs", () => {
  const NEW_VERSION = (name: string) => [
    `code update-configuration ${name}`,
    `code publish-version ${name} < update-configuration ${name}`,
    `switch update-alias ${name}`,
  ];
  const q = "shop-prod-queue-emails";
  test.each<[string, TestProject, TestProject, string[]]>([
    [
      "code",
      EMAILS,
      { ...EMAILS, code: { "queue:emails": "new" } },
      [`code update-code ${q}`, `code publish-version ${q} < update-code ${q}`, `switch update-alias ${q}`],
    ],
    ["memory", EMAILS, { queues: { emails: { memoryMegabytes: 512 } } }, NEW_VERSION(q)],
    [
      "architecture, which goes with the code",
      EMAILS,
      { ...EMAILS, settings: { architecture: "x86_64" } },
      [`code update-code ${q}`, `code publish-version ${q} < update-code ${q}`, `switch update-alias ${q}`],
    ],
    ["runtime", EMAILS, { ...EMAILS, settings: { runtime: "nodejs22.x" } }, NEW_VERSION(q)],
    ["a variable", EMAILS, { ...EMAILS, settings: { env: { A_KEY: "1" } } }, NEW_VERSION(q)],
    ["a variable of the stage", EMAILS, { ...EMAILS, parameter: { A_KEY: "1" } }, NEW_VERSION(q)],
    [
      "a network, which takes permissions first",
      EMAILS,
      { ...EMAILS, settings: { vpc: { subnetIds: ["subnet-1"], securityGroupIds: ["sg-1"] } } },
      [`prepare put-role-policy ${q}`, ...NEW_VERSION(q)],
    ],
    [
      "a network that goes, with its permissions last",
      { ...EMAILS, settings: { vpc: { subnetIds: ["subnet-1"], securityGroupIds: ["sg-1"] } } },
      EMAILS,
      [...NEW_VERSION(q), `narrow put-role-policy ${q} (narrow)`],
    ],
    [
      "a longer timeout: the queue's visibility first",
      EMAILS,
      { queues: { emails: { timeoutSeconds: 600 } } },
      ["prepare set-queue-attributes shop-prod-emails", ...NEW_VERSION(q)],
    ],
    [
      "a shorter timeout: the queue's visibility last",
      EMAILS,
      { queues: { emails: { timeoutSeconds: 10 } } },
      [...NEW_VERSION(q), "narrow set-queue-attributes shop-prod-emails (narrow)"],
    ],
    [
      "larger batches, after the alias would move: nothing else changes",
      EMAILS,
      { queues: { emails: { batchSize: 100, batchWindowSeconds: 5 } } },
      ["prepare set-queue-attributes shop-prod-emails", `switch update-mapping ${q}`],
    ],
    [
      "larger FIFO batches, after the alias",
      { queues: { "orders.fifo": { timeoutSeconds: 60 } } },
      { queues: { "orders.fifo": { timeoutSeconds: 60, batchSize: 5 } } },
      [
        "prepare set-queue-attributes shop-prod-orders.fifo",
        ...NEW_VERSION("shop-prod-queue-orders-fifo"),
        "switch update-mapping shop-prod-queue-orders-fifo < update-alias shop-prod-queue-orders-fifo",
      ],
    ],
    [
      "smaller FIFO batches, before the alias",
      { queues: { "orders.fifo": { timeoutSeconds: 60, batchSize: 5 } } },
      { queues: { "orders.fifo": { timeoutSeconds: 60 } } },
      [
        "code update-configuration shop-prod-queue-orders-fifo",
        "code publish-version shop-prod-queue-orders-fifo < update-configuration shop-prod-queue-orders-fifo",
        "switch update-mapping shop-prod-queue-orders-fifo",
        "switch update-alias shop-prod-queue-orders-fifo < update-mapping shop-prod-queue-orders-fifo",
        "narrow set-queue-attributes shop-prod-orders.fifo (narrow)",
      ],
    ],
    ["a concurrency", EMAILS, { queues: { emails: { concurrency: 20 } } }, [`switch update-mapping ${q}`]],
    [
      "no concurrency any more",
      { queues: { emails: { concurrency: 20 } } },
      EMAILS,
      [`switch update-mapping ${q}`],
    ],
    [
      "a shorter retention",
      EMAILS,
      { queues: { emails: { retentionSeconds: 3_600 } } },
      ["narrow lower-retention shop-prod-emails"],
    ],
    [
      "a longer retention",
      { queues: { emails: { retentionSeconds: 3_600 } } },
      EMAILS,
      ["prepare set-queue-attributes shop-prod-emails"],
    ],
    [
      "a permission",
      EMAILS,
      { queues: { emails: { permissions: [{ Action: "s3:GetObject", Resource: "*" }] } } },
      [`prepare put-role-policy ${q}`],
    ],
    [
      "a permission that goes",
      { queues: { emails: { permissions: [{ Action: "s3:GetObject", Resource: "*" }] } } },
      EMAILS,
      [`narrow put-role-policy ${q} (narrow)`],
    ],
    [
      "another permission: both while both may run",
      { queues: { emails: { permissions: [{ Action: "s3:GetObject", Resource: "*" }] } } },
      { queues: { emails: { permissions: [{ Action: "s3:PutObject", Resource: "*" }] } } },
      [`prepare put-role-policy ${q}`, `narrow put-role-policy ${q} (narrow)`],
    ],
    [
      "what is denied, when older code has gone",
      EMAILS,
      { queues: { emails: { permissions: [{ Effect: "Deny", Action: "s3:*", Resource: "*" }] } } },
      [`narrow put-role-policy ${q} (narrow)`],
    ],
    [
      "log retention",
      EMAILS,
      { ...EMAILS, settings: { logRetention: "3d" } },
      [`prepare set-log-retention /aws/lambda/${q}`],
    ],
    [
      "tags, on everything",
      { ...EMAILS, ...NIGHTLY, ...API, settings: { http: "api-gateway" } },
      { ...EMAILS, ...NIGHTLY, ...API, settings: { http: "api-gateway", tags: { team: "a" } } },
      [
        "prepare tag-table shop-prod",
        "prepare tag-queue shop-prod-emails-dlq",
        "prepare tag-queue shop-prod-emails",
        "prepare tag-queue shop-prod-_undeliverable",
        "prepare tag-role shop-prod-delayed",
        "prepare tag-schedule-group shop-prod-delayed",
        `prepare tag-role ${q}`,
        `prepare tag-log-group /aws/lambda/${q}`,
        "prepare tag-role shop-prod-schedule-nightly",
        "prepare tag-log-group /aws/lambda/shop-prod-schedule-nightly",
        "prepare tag-role shop-prod-api",
        "prepare tag-log-group /aws/lambda/shop-prod-api",
        "prepare tag-api shop-prod-api",
        "prepare tag-role shop-prod-scheduler",
        "prepare tag-schedule-group shop-prod",
        `code tag-function ${q}`,
        "code tag-function shop-prod-schedule-nightly",
        "code tag-function shop-prod-api",
      ],
    ],
    [
      "the time of a schedule",
      NIGHTLY,
      { schedules: { nightly: { when: "0 10 * * *" } } },
      ["switch put-schedule nightly"],
    ],
    [
      "the time zone of a schedule",
      NIGHTLY,
      { schedules: { nightly: { timezone: "Asia/Tokyo" } } },
      ["switch put-schedule nightly"],
    ],
    [
      "a schedule that needs two, and then one",
      { schedules: { nightly: { when: "0 9 1 * 1" } } },
      NIGHTLY,
      ["switch put-schedule nightly", "narrow delete-schedule nightly.weekdays"],
    ],
    [
      "retries of a schedule",
      NIGHTLY,
      { schedules: { nightly: { retries: 1 } } },
      ["switch set-async-invocation shop-prod-schedule-nightly"],
    ],
    [
      "overlap of a schedule",
      NIGHTLY,
      { schedules: { nightly: { overlap: "allow" } } },
      [
        ...NEW_VERSION("shop-prod-schedule-nightly"),
        "narrow put-role-policy shop-prod-schedule-nightly (narrow)",
      ],
    ],
    [
      "a schedule that never runs keeps its function",
      NIGHTLY,
      { schedules: { nightly: { when: "never" } } },
      ["narrow delete-schedule nightly"],
    ],
  ])("%s", (_, before, after, expected) => {
    const stage = deployed(before);
    expect(planned(stage, after)).toEqual(expected);
    deployToModel(stage, testDesired(after));
    expect(planned(stage, after, { prune: false, refresh: true })).toEqual([]);
  });
});
