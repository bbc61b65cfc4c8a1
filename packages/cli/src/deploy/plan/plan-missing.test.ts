import { describe, expect, test } from "vitest";
import { A, type Drift, deployed, planned, Q, S, SHOP } from "../testing/drift.js";
import { deployToModel } from "../testing/model-deploy.js";
import { testDesired } from "../testing/test-project.js";

describe("what is not listed any more is found, and made again, by any deploy", () => {
  test.each<Drift>([
    [
      "a queue",
      SHOP,
      (s) => void s.queues.delete("shop-prod-emails"),
      ["prepare create-queue shop-prod-emails"],
    ],
    [
      "a dead-letter queue",
      SHOP,
      (s) => void s.queues.delete("shop-prod-emails-dlq"),
      ["prepare create-queue shop-prod-emails-dlq"],
    ],
    [
      "the queue of undeliverable messages",
      SHOP,
      (s) => void s.queues.delete("shop-prod-_undeliverable"),
      ["prepare create-queue shop-prod-_undeliverable"],
    ],
    [
      "the role that sends delayed messages",
      SHOP,
      (s) => void s.roles.delete("shop-prod-delayed"),
      ["prepare create-role shop-prod-delayed"],
    ],
    ["a role", SHOP, (s) => void s.roles.delete(Q), [`prepare create-role ${Q}`]],
    ["a schedule", SHOP, (s) => void s.schedules.delete("nightly"), ["switch put-schedule nightly"]],
    [
      "the table",
      SHOP,
      (s) => {
        s.table = null;
        s.recorded = {};
      },
      ["prepare create-table shop-prod", "prepare enable-time-to-live shop-prod"],
    ],
    [
      "a function",
      SHOP,
      (s) => void s.functions.delete(Q),
      [`code create-function ${Q}`, `code allow-recursion ${Q}`, `switch create-alias ${Q}`],
    ],
    [
      "the API's function, with its URL",
      SHOP,
      (s) => {
        s.functions.delete(A);
        s.functionUrls.delete(A);
        s.permissions.delete(A);
      },
      [
        `code create-function ${A}`,
        `code create-alias ${A}`,
        `code create-function-url ${A}`,
        `code update-configuration ${Q}`,
        `code publish-version ${Q}`,
        `code update-configuration ${S}`,
        `code publish-version ${S}`,
        `code update-configuration ${A}`,
        `code publish-version ${A}`,
        `switch update-alias ${Q}`,
        `switch update-alias ${S}`,
        `switch update-alias ${A}`,
        `switch add-permission queue-run-url ${A}`,
        `switch add-permission queue-run-invoke ${A}`,
      ],
    ],
  ])("%s", (_, project, drift, steps) => {
    const stage = deployed(project);
    drift(stage);
    expect(planned(stage, project, false)).toEqual(steps);
    deployToModel(stage, testDesired(project));
    expect(planned(stage, project, true)).toEqual([]);
  });
});

test("a table that lost what deploys recorded costs reading, and changes nothing", () => {
  const stage = deployed(SHOP);
  stage.recorded = {};
  stage.url = null;
  expect(planned(stage, SHOP, false)).toEqual([]);
});
