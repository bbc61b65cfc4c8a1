import { describe, test } from "vitest";
import { refusingPolicy } from "../desired/draining-policy.js";
import {
  A,
  checkDrift,
  type Drift,
  HTTP_API,
  Q,
  queue,
  SHOP,
  set,
  there,
  without,
} from "../testing/drift.js";

const DRIFTS: Drift[] = [
  [
    "time to live",
    SHOP,
    (s) => set(there(s.table), { timeToLive: "disabled" }),
    ["prepare enable-time-to-live shop-prod"],
  ],
  [
    "a table that is not on demand",
    SHOP,
    (s) => set(there(s.table), { onDemand: false }),
    ["prepare bill-on-demand shop-prod"],
  ],
  [
    "a tag of the table",
    SHOP,
    (s) => set(there(s.table), { tags: { ...there(s.table).tags, x: "y" } }),
    ["prepare tag-table shop-prod"],
  ],
  [
    "AWS's own tags",
    SHOP,
    (s) => set(there(s.table), { tags: { ...there(s.table).tags, "aws:x": "y" } }),
    [],
  ],
  ...["VisibilityTimeout", "MessageRetentionPeriod", "MaximumMessageSize"].map(
    (name): Drift => [
      `${name} too small`,
      SHOP,
      (s) =>
        set(queue(s, "shop-prod-emails"), {
          attributes: {
            ...queue(s, "shop-prod-emails").attributes,
            [name]: "1024",
          },
        }),
      ["prepare set-queue-attributes shop-prod-emails"],
    ],
  ),
  ...[
    ["VisibilityTimeout", "narrow set-queue-attributes shop-prod-emails (narrow)"],
    ["MessageRetentionPeriod", "narrow lower-retention shop-prod-emails"],
  ].map(
    ([name = "", step = ""]): Drift => [
      `${name} too large`,
      SHOP,
      (s) =>
        set(queue(s, "shop-prod-emails"), {
          attributes: {
            ...queue(s, "shop-prod-emails").attributes,
            [name]: "1000000",
          },
        }),
      [step],
    ],
  ),
  ...["DelaySeconds", "ReceiveMessageWaitTimeSeconds"].map(
    (name): Drift => [
      `${name}, back to its default`,
      SHOP,
      (s) =>
        set(queue(s, "shop-prod-emails-dlq"), {
          attributes: {
            ...queue(s, "shop-prod-emails-dlq").attributes,
            [name]: "9",
          },
        }),
      ["prepare set-queue-attributes shop-prod-emails-dlq"],
    ],
  ),
  [
    "a redrive policy that is gone",
    SHOP,
    (s) =>
      set(queue(s, "shop-prod-emails"), {
        attributes: {
          ...queue(s, "shop-prod-emails").attributes,
          RedrivePolicy: "",
        },
      }),
    ["prepare set-queue-attributes shop-prod-emails"],
  ],
  [
    "a redrive policy in other words",
    SHOP,
    (s) => {
      const { deadLetterTargetArn } = JSON.parse(
        there(queue(s, "shop-prod-emails").attributes.RedrivePolicy),
      );
      const RedrivePolicy = JSON.stringify({ maxReceiveCount: "100", deadLetterTargetArn });
      queue(s, "shop-prod-emails").attributes = { ...queue(s, "shop-prod-emails").attributes, RedrivePolicy };
    },
    [],
  ],
  [
    "attributes that are not ours",
    SHOP,
    (s) =>
      set(queue(s, "shop-prod-emails"), {
        attributes: {
          ...queue(s, "shop-prod-emails").attributes,
          KmsMasterKeyId: "k",
          Policy: "{}",
        },
      }),
    [],
  ],
  [
    "a removal that was killed",
    SHOP,
    (s) => {
      const { attributes } = queue(s, "shop-prod-emails");
      queue(s, "shop-prod-emails").attributes = { ...attributes, Policy: refusingPolicy(undefined, "arn:q") };
    },
    ["prepare set-queue-attributes shop-prod-emails"],
  ],
  [
    "a tag of a queue that is gone",
    { ...SHOP, settings: { tags: { team: "a" } } },
    (s) => set(queue(s, "shop-prod-emails"), { tags: without(queue(s, "shop-prod-emails").tags, "team") }),
    ["prepare tag-queue shop-prod-emails"],
  ],
  [
    "who may assume a role",
    SHOP,
    (s) => set(there(s.roles.get(Q)), { trust: {} }),
    [`prepare update-trust ${Q}`],
  ],
  [
    "a role without a policy",
    SHOP,
    (s) => set(there(s.roles.get(Q)), { policy: null }),
    [`prepare put-role-policy ${Q}`],
  ],
  [
    "a permission that was added by hand",
    SHOP,
    (s) => {
      const policy = there(s.roles.get(Q)).policy as { Statement: unknown[] };
      policy.Statement.push({ Effect: "Allow", Action: "s3:*", Resource: "*" });
    },
    [`narrow put-role-policy ${Q} (narrow)`],
  ],
  [
    "a policy in another order",
    SHOP,
    (s) => {
      const policy = there(s.roles.get(Q)).policy as { Statement: unknown[] };
      policy.Statement.reverse();
    },
    [],
  ],
  [
    "log retention",
    SHOP,
    (s) => set(there(s.logGroups.get(`/aws/lambda/${Q}`)), { retentionDays: null }),
    [`prepare set-log-retention /aws/lambda/${Q}`],
  ],
  [
    "a log group that is gone",
    SHOP,
    (s) => void s.logGroups.delete(`/aws/lambda/${Q}`),
    [`prepare create-log-group /aws/lambda/${Q}`, `prepare set-log-retention /aws/lambda/${Q}`],
  ],
  [
    "a log group that Lambda made",
    SHOP,
    (s) => void s.logGroups.set(`/aws/lambda/${Q}`, { retentionDays: 30, tags: {} }),
    [`prepare tag-log-group /aws/lambda/${Q}`],
  ],
  [
    "who may call the URL",
    SHOP,
    (s) => set(there(s.functionUrls.get(A)), { authType: "AWS_IAM" }),
    [`switch update-function-url ${A}`],
  ],
  [
    "CORS of the URL, which is the runtime's business",
    SHOP,
    (s) => set(there(s.functionUrls.get(A)), { hasCors: true }),
    [`switch update-function-url ${A}`],
  ],
  [
    "streaming",
    SHOP,
    (s) => set(there(s.functionUrls.get(A)), { invokeMode: "BUFFERED" }),
    [`switch update-function-url ${A}`],
  ],
  [
    "a permission of the URL",
    SHOP,
    (s) => void s.permissions.set(A, { "queue-run-url": "everybody" }),
    [`switch add-permission queue-run-invoke ${A}`],
  ],
  [
    "an HTTP API's integration",
    HTTP_API,
    (s) => set(there(s.api), { integrationUri: "other" }),
    [`switch connect-api ${A}`],
  ],
  [
    "what an HTTP API sends",
    HTTP_API,
    (s) => set(there(s.api), { payloadFormat: "1.0" }),
    [`switch connect-api ${A}`],
  ],
  [
    "an HTTP API's route",
    HTTP_API,
    (s) => set(there(s.api), { hasRoute: false }),
    [`switch connect-api ${A}`],
  ],
  [
    "an HTTP API's stage",
    HTTP_API,
    (s) => set(there(s.api), { hasStage: false }),
    [`switch connect-api ${A}`],
  ],
  [
    "an HTTP API's permission",
    HTTP_API,
    (s) => void s.permissions.delete(A),
    [`switch add-permission queue-run-api ${A}`],
  ],
  [
    "a permission that was of another HTTP API",
    HTTP_API,
    (s) => set(there(s.permissions.get(A)), { "queue-run-api": "another" }),
    [`switch add-permission queue-run-api ${A}`],
  ],
  [
    "a permission of the URL that was narrowed",
    SHOP,
    (s) => set(there(s.permissions.get(A)), { "queue-run-url": '{"AWS":"123456789012"}' }),
    [`switch add-permission queue-run-url ${A}`],
  ],
  ["an HTTP API's tags", HTTP_API, (s) => set(there(s.api), { tags: {} }), [`prepare tag-api ${A}`]],
  [
    "a schedule that is off",
    SHOP,
    (s) => set(there(s.schedules.get("nightly")), { enabled: false }),
    ["switch put-schedule nightly"],
  ],
  [
    "a schedule that may be late, or ends",
    SHOP,
    (s) => set(there(s.schedules.get("nightly")), { bounds: "flexible 60 min" }),
    ["switch put-schedule nightly"],
  ],
  [
    "a schedule's target",
    SHOP,
    (s) => set(there(s.schedules.get("nightly")), { targetArn: "other" }),
    ["switch put-schedule nightly"],
  ],
  [
    "a schedule's role",
    SHOP,
    (s) => set(there(s.schedules.get("nightly")), { roleArn: "other" }),
    ["switch put-schedule nightly"],
  ],
  [
    "a schedule's input",
    SHOP,
    (s) => set(there(s.schedules.get("nightly")), { input: "{}" }),
    ["switch put-schedule nightly"],
  ],
  [
    "a schedule's retries",
    SHOP,
    (s) =>
      set(there(s.schedules.get("nightly")), {
        retryPolicy: {
          maximumRetryAttempts: 0,
          maximumEventAgeSeconds: 60,
        },
      }),
    ["switch put-schedule nightly"],
  ],
  [
    "a schedule that nobody asked for",
    SHOP,
    (s) => void s.schedules.set("other", there(s.schedules.get("nightly"))),
    ["narrow delete-schedule other"],
  ],
  [
    "the scheduler's role",
    SHOP,
    (s) => set(there(s.roles.get("shop-prod-scheduler")), { policy: null }),
    ["prepare put-role-policy shop-prod-scheduler"],
  ],
  [
    "the schedule group's tags",
    SHOP,
    (s) => {
      const group = there(s.scheduleGroups.get("shop-prod"));
      set(group, { tags: { ...group.tags, x: "y" } });
    },
    ["prepare tag-schedule-group shop-prod"],
  ],
];

describe("what others changed is found, and mended, when everything is read", () => {
  test.each(DRIFTS)("%s", (...drift) => checkDrift(drift));
});
