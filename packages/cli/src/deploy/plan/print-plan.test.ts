import { createColors } from "picocolors";
import { expect, test } from "vitest";
import { deployToModel } from "../testing/model-deploy.js";
import { emptyStage, readModel } from "../testing/model-stage.js";
import { type TestProject, testDesired } from "../testing/test-project.js";
import { plan } from "./plan.js";
import { planLines, planReport } from "./print-plan.js";
import type { Plan } from "./step.js";

const SECRET = "s3cr3t-value";
const BEFORE: TestProject = {
  queues: { emails: { permissions: [{ Action: "s3:GetObject", Resource: "*" }] }, orders: {} },
  routes: { "/": {} },
  parameter: { API_KEY: `${SECRET}-1`, OLD_KEY: SECRET },
};
const AFTER: TestProject = {
  queues: { emails: { memoryMegabytes: 512, timeoutSeconds: 60 } },
  routes: { "/": {} },
  schedules: { nightly: {} },
  parameter: { API_KEY: `${SECRET}-2`, NEW_KEY: SECRET },
  code: { api: "new" },
};

function change(): Plan {
  const stage = emptyStage();
  deployToModel(stage, testDesired(BEFORE));
  const desired = testDesired(AFTER);
  return plan(desired, readModel(stage, desired, { prune: true }), { prune: true, refresh: false });
}

test("a plan as people read it", () => {
  expect(planLines(change(), createColors(false)).join("\n")).toMatchInlineSnapshot(`
    "+ schedule nightly
        role shop-prod-schedule-nightly
        log group /aws/lambda/shop-prod-schedule-nightly
        function shop-prod-schedule-nightly
        alias live of function shop-prod-schedule-nightly
    + schedules
        role shop-prod-scheduler
        schedule group shop-prod
        schedule nightly
    queue emails
      ~ update configuration of function shop-prod-queue-emails
          memory (MB): 256 → 512
          timeout (seconds): 310 → 70
          variable API_KEY: set → set anew
          variable NEW_KEY: not set → set
          variable OLD_KEY: set → not set
      ~ publish version of function shop-prod-queue-emails
      ~ switch function shop-prod-queue-emails to its new version
      ~ set attributes of queue shop-prod-emails
          VisibilityTimeout: 1860 → 420
      ~ set policy of role shop-prod-queue-emails
          - s3:GetObject on *
    API
      ~ upload code of function shop-prod-api
          code: k68NMagJ61P065xH → 3KIYt+w0F23GfOql
      ~ update configuration of function shop-prod-api
          variable API_KEY: set → set anew
          variable NEW_KEY: not set → set
          variable OLD_KEY: set → not set
      ~ publish version of function shop-prod-api
      ~ switch function shop-prod-api to its new version
    queue orders
      - drain and delete queue shop-prod-orders
      - delete function shop-prod-queue-orders
      - delete role shop-prod-queue-orders
    21 steps: 7 to create, 11 to change, 3 to delete."
  `);
});

test("a plan as programs read it: every step with what it changes and waits for", () => {
  const made = change();
  const report = planReport(made);
  expect(report.steps.map(({ id }) => id)).toEqual(made.steps.map(({ id }) => id));
  expect(report.steps.find(({ id }) => id === "update-configuration shop-prod-queue-emails")).toEqual({
    id: "update-configuration shop-prod-queue-emails",
    phase: "code",
    unit: "function:queue:emails",
    action: "change",
    text: "update configuration of function shop-prod-queue-emails",
    after: [],
    changes: [
      { setting: "memory (MB)", from: "256", to: "512" },
      { setting: "timeout (seconds)", from: "310", to: "70" },
      { setting: "variable API_KEY", from: "set", to: "set anew" },
      { setting: "variable NEW_KEY", from: null, to: "set" },
      { setting: "variable OLD_KEY", from: "set", to: null },
    ],
  });
  expect(JSON.stringify(report)).not.toContain(SECRET);
});

test("nothing to do is said in a line", () => {
  expect(planLines({ steps: [], notes: [], problems: [] }, createColors(false))).toEqual([
    "Nothing to change.",
  ]);
});

test("what AWS says cannot drive the terminal", () => {
  const note = "queue \u001b[31mred has no file";
  expect(planLines({ steps: [], notes: [note], problems: [] }, createColors(false)).join("")).not.toContain(
    "\u001b",
  );
});
