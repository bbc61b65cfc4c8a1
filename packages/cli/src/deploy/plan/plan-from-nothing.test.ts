import { describe, expect, test } from "vitest";
import { deployToModel } from "../testing/model-deploy.js";
import { emptyStage, type ModelStage, readModel } from "../testing/model-stage.js";
import { type TestProject, testDesired } from "../testing/test-project.js";
import { plan } from "./plan.js";
import type { Step } from "./step.js";

const EMAILS: TestProject = { queues: { emails: {} } };
const API: TestProject = { routes: { "/": {} } };
const NIGHTLY: TestProject = { schedules: { nightly: {} } };
const _SHOP: TestProject = { ...EMAILS, ...API, ...NIGHTLY };

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

describe("from nothing", () => {
  test("a queue: queues, role and log group, then the function, then its alias and mapping", () => {
    expect(planned(emptyStage(), EMAILS)).toEqual([
      "prepare create-table shop-prod",
      "prepare enable-time-to-live shop-prod < create-table shop-prod",
      "prepare create-queue shop-prod-emails-dlq",
      "prepare create-queue shop-prod-emails < create-queue shop-prod-emails-dlq",
      "prepare create-queue shop-prod-_undeliverable",
      "prepare create-role shop-prod-delayed",
      "prepare create-schedule-group shop-prod-delayed",
      "prepare create-role shop-prod-queue-emails",
      "prepare create-log-group /aws/lambda/shop-prod-queue-emails",
      "prepare set-log-retention /aws/lambda/shop-prod-queue-emails < create-log-group /aws/lambda/shop-prod-queue-emails",
      "code create-function shop-prod-queue-emails",
      "code allow-recursion shop-prod-queue-emails < create-function shop-prod-queue-emails",
      "switch create-alias shop-prod-queue-emails",
      "switch create-mapping shop-prod-queue-emails < create-alias shop-prod-queue-emails",
    ]);
  });

  test("an API: its address needs an alias, and goes into a second version, which is open to all", () => {
    expect(planned(deployed(EMAILS), { ...EMAILS, ...API })).toEqual([
      "prepare create-role shop-prod-api",
      "prepare create-log-group /aws/lambda/shop-prod-api",
      "prepare set-log-retention /aws/lambda/shop-prod-api < create-log-group /aws/lambda/shop-prod-api",
      "code create-function shop-prod-api",
      "code create-alias shop-prod-api < create-function shop-prod-api",
      "code create-function-url shop-prod-api < create-alias shop-prod-api",
      "code update-configuration shop-prod-queue-emails < create-function-url shop-prod-api",
      "code publish-version shop-prod-queue-emails < update-configuration shop-prod-queue-emails",
      "code update-configuration shop-prod-api < create-function-url shop-prod-api",
      "code publish-version shop-prod-api < update-configuration shop-prod-api",
      "switch update-alias shop-prod-queue-emails",
      "switch update-alias shop-prod-api",
      "switch add-permission queue-run-url shop-prod-api < update-alias shop-prod-api",
      "switch add-permission queue-run-invoke shop-prod-api < update-alias shop-prod-api",
    ]);
  });

  test("an HTTP API has its address at once, and is connected when the alias is there", () => {
    expect(planned(deployed({}), { ...API, settings: { http: "api-gateway" } })).toEqual([
      "prepare create-role shop-prod-api",
      "prepare create-log-group /aws/lambda/shop-prod-api",
      "prepare set-log-retention /aws/lambda/shop-prod-api < create-log-group /aws/lambda/shop-prod-api",
      "prepare create-api shop-prod-api",
      "code create-function shop-prod-api",
      "switch create-alias shop-prod-api",
      "switch add-permission queue-run-api shop-prod-api < create-alias shop-prod-api",
      "switch connect-api shop-prod-api < create-alias shop-prod-api, add-permission queue-run-api shop-prod-api",
    ]);
  });

  test("a schedule starts when all that it needs is there", () => {
    expect(planned(deployed({}), NIGHTLY)).toEqual([
      "prepare create-role shop-prod-schedule-nightly",
      "prepare create-log-group /aws/lambda/shop-prod-schedule-nightly",
      "prepare set-log-retention /aws/lambda/shop-prod-schedule-nightly < create-log-group /aws/lambda/shop-prod-schedule-nightly",
      "prepare create-role shop-prod-scheduler",
      "prepare create-schedule-group shop-prod",
      "code create-function shop-prod-schedule-nightly",
      "switch create-alias shop-prod-schedule-nightly",
      "switch set-async-invocation shop-prod-schedule-nightly < create-alias shop-prod-schedule-nightly",
      "switch put-schedule nightly < create-alias shop-prod-schedule-nightly, set-async-invocation shop-prod-schedule-nightly",
    ]);
  });
});
