import { describe, expect, test } from "vitest";
import { refusingPolicy } from "../desired/draining-policy.js";
import { deployToModel } from "../testing/model-deploy.js";
import { emptyStage, type ModelFunction, type ModelStage, readModel } from "../testing/model-stage.js";
import { type TestProject, testDesired } from "../testing/test-project.js";
import { plan } from "./plan.js";

const SHOP: TestProject = { queues: { emails: {} }, routes: { "/": {} }, schedules: { nightly: {} } };
const HTTP_API: TestProject = { routes: { "/": {} }, settings: { http: "api-gateway" } };
const Q = "shop-prod-queue-emails";
const S = "shop-prod-schedule-nightly";
const A = "shop-prod-api";

function deployed(project: TestProject): ModelStage {
  const stage = emptyStage();
  deployToModel(stage, testDesired(project));
  return stage;
}

function planned(stage: ModelStage, project: TestProject, refresh: boolean): string[] {
  const desired = testDesired(project);
  const { steps, problems } = plan(desired, readModel(stage, desired, refresh), { prune: false, refresh });
  expect(problems).toEqual([]);
  return steps.map(({ phase, id }) => `${phase} ${id}`);
}

function there<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error("The test's stage lacks what it changes.");
  return value;
}

/** Changes a resource behind our back. */
function set<T extends object>(resource: T, values: Partial<T>): void {
  Object.assign(resource, values);
}

function queue(stage: ModelStage, name: string) {
  return there(stage.queues.get(name));
}

/** Changes what the alias points at, and `$LATEST`. */
function both(stage: ModelStage, name: string, change: (version: ModelFunction["latest"]) => void): void {
  const found = there(stage.functions.get(name));
  change(found.latest);
  change(there(found.versions.find(({ version }) => version === found.live)));
}

function mapping(stage: ModelStage) {
  return there(stage.mappings[0]);
}

type Drift = [what: string, project: TestProject, drift: (stage: ModelStage) => void, steps: string[]];

const REPUBLISHED = [
  `code update-configuration ${Q}`,
  `code publish-version ${Q}`,
  `switch update-alias ${Q}`,
];

const DRIFTS: Drift[] = [
  [
    "time to live",
    SHOP,
    (s) => set(there(s.table), { timeToLive: "disabled" }),
    ["prepare enable-time-to-live shop-prod"],
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
  ...["VisibilityTimeout", "MessageRetentionPeriod"].map(
    (name): Drift => [
      `${name} too large`,
      SHOP,
      (s) =>
        set(queue(s, "shop-prod-emails"), {
          attributes: {
            ...queue(s, "shop-prod-emails").attributes,
            [name]: "1000000",
          },
        }),
      ["narrow set-queue-attributes shop-prod-emails (narrow)"],
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
    "$LATEST alone: nothing serves from it",
    SHOP,
    (s) => set(there(s.functions.get(Q)).latest, { environment: {} }),
    [],
  ],
  [
    "code in hexadecimal",
    SHOP,
    (s) => both(s, Q, (v) => set(v, { codeSha256: Buffer.from(v.codeSha256, "base64").toString("hex") })),
    [],
  ],
  [
    "code",
    SHOP,
    (s) => both(s, Q, (v) => set(v, { codeSha256: "other" })),
    [`code update-code ${Q}`, `code publish-version ${Q}`, `switch update-alias ${Q}`],
  ],
  ["runtime", SHOP, (s) => both(s, Q, (v) => set(v.configuration, { runtime: "nodejs22.x" })), REPUBLISHED],
  ["handler", SHOP, (s) => both(s, Q, (v) => set(v.configuration, { handler: "x.y" })), REPUBLISHED],
  ["memory", SHOP, (s) => both(s, Q, (v) => set(v.configuration, { memoryMegabytes: 128 })), REPUBLISHED],
  ["timeout", SHOP, (s) => both(s, Q, (v) => set(v.configuration, { timeoutSeconds: 3 })), REPUBLISHED],
  [
    "network",
    SHOP,
    (s) => both(s, Q, (v) => set(v.configuration, { vpc: { subnetIds: ["a"], securityGroupIds: ["b"] } })),
    REPUBLISHED,
  ],
  ["role", SHOP, (s) => both(s, Q, (v) => set(v, { roleArn: "arn:other" })), REPUBLISHED],
  ["log format", SHOP, (s) => both(s, Q, (v) => set(v, { jsonLogs: false })), REPUBLISHED],
  ["log group", SHOP, (s) => both(s, Q, (v) => set(v, { logGroup: null })), REPUBLISHED],
  [
    "a variable more",
    SHOP,
    (s) => both(s, Q, (v) => set(v, { environment: { ...v.environment, X: "1" } })),
    REPUBLISHED,
  ],
  [
    "a variable's value",
    SHOP,
    (s) => both(s, Q, (v) => set(v, { environment: { ...v.environment, NODE_ENV: "test" } })),
    REPUBLISHED,
  ],
  [
    "the address",
    SHOP,
    (s) => both(s, Q, (v) => set(v, { environment: without(v.environment, "QUEUE_RUN_URL") })),
    REPUBLISHED,
  ],
  [
    "an alias that somebody moved",
    { ...SHOP, code: { "queue:emails": "2" } },
    (s) => {
      const found = there(s.functions.get(Q));
      found.versions.push({ ...there(found.versions[0]), version: "2", codeSha256: "other" });
      found.live = "2";
    },
    [`code publish-version ${Q}`, `switch update-alias ${Q}`],
  ],
  [
    "an alias that is gone",
    SHOP,
    (s) => set(there(s.functions.get(Q)), { live: null }),
    [`code publish-version ${Q}`, `switch create-alias ${Q}`],
  ],
  [
    "recursion",
    SHOP,
    (s) => set(there(s.functions.get(Q)), { recursiveLoop: "Terminate" }),
    [`code allow-recursion ${Q}`],
  ],
  [
    "recursion of the API",
    SHOP,
    (s) => set(there(s.functions.get(A)), { recursiveLoop: "Allow" }),
    [`code allow-recursion ${A}`],
  ],
  [
    "retries",
    SHOP,
    (s) => set(there(s.functions.get(S)), { asyncInvocation: null }),
    [`switch set-async-invocation ${S}`],
  ],
  [
    "retries of a queue's function",
    SHOP,
    (s) =>
      set(there(s.functions.get(Q)), {
        asyncInvocation: {
          maximumRetryAttempts: 1,
          maximumEventAgeSeconds: 60,
        },
      }),
    [`switch set-async-invocation ${Q}`],
  ],
  [
    "a tag of a function",
    SHOP,
    (s) => set(there(s.functions.get(Q)), { tags: { ...there(s.functions.get(Q)).tags, x: "y" } }),
    [`code tag-function ${Q}`],
  ],
  ["a mapping that is gone", SHOP, (s) => set(s, { mappings: [] }), [`switch create-mapping ${Q}`]],
  [
    "a mapping that is going",
    SHOP,
    (s) => set(mapping(s), { state: "Deleting" }),
    [`switch create-mapping ${Q}`],
  ],
  [
    "a mapping that is off",
    SHOP,
    (s) => set(mapping(s), { state: "Disabled" }),
    [`switch update-mapping ${Q}`],
  ],
  ["a mapping that is busy", SHOP, (s) => set(mapping(s), { state: "Updating" }), []],
  ["batch size", SHOP, (s) => set(mapping(s), { batchSize: 1 }), [`switch update-mapping ${Q}`]],
  ["batch window", SHOP, (s) => set(mapping(s), { batchWindowSeconds: 7 }), [`switch update-mapping ${Q}`]],
  ["concurrency", SHOP, (s) => set(mapping(s), { maximumConcurrency: 7 }), [`switch update-mapping ${Q}`]],
  [
    "whole batches fail",
    SHOP,
    (s) => set(mapping(s), { reportsBatchItemFailures: false }),
    [`switch update-mapping ${Q}`],
  ],
  [
    "a mapping on $LATEST",
    SHOP,
    (s) =>
      set(mapping(s), {
        functionArn: there(testDesired(SHOP).functions.find(({ id }) => id === "queue:emails")).arn,
      }),
    [`switch update-mapping ${Q}`],
  ],
  [
    "who may call the URL",
    SHOP,
    (s) => set(there(s.functionUrls.get(A)), { authType: "AWS_IAM" }),
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
    (s) => void there(s.permissions.get(A)).delete("queue-run-invoke"),
    [`switch add-permission queue-run-invoke ${A}`],
  ],
  [
    "an HTTP API's integration",
    HTTP_API,
    (s) => set(there(s.api), { integrationUri: "other" }),
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
    (s) => void there(s.permissions.get(A)).clear(),
    [`switch add-permission queue-run-api ${A}`],
  ],
  ["an HTTP API's tags", HTTP_API, (s) => set(there(s.api), { tags: {} }), [`prepare tag-api ${A}`]],
  [
    "a schedule that is off",
    SHOP,
    (s) => set(there(s.schedules.get("nightly")), { enabled: false }),
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
    (s) => set(there(s.scheduleGroup), { tags: { ...there(s.scheduleGroup).tags, x: "y" } }),
    ["prepare tag-schedule-group shop-prod"],
  ],
];

describe("what others changed is found, and mended, when everything is read", () => {
  test.each(DRIFTS)("%s", (_, project, drift, steps) => {
    const stage = deployed(project);
    drift(stage);
    expect(planned(stage, project, true)).toEqual(steps);
    deployToModel(stage, testDesired(project), { refresh: true });
    if (steps.length > 0) expect(planned(stage, project, true)).toEqual([]);
  });
});

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

function without(record: Readonly<Record<string, string>>, name: string): Record<string, string> {
  return Object.fromEntries(Object.entries(record).filter(([key]) => key !== name));
}
