import { expect, test } from "vitest";
import type { ActualFunction, ActualQueue } from "../../actual/actual-state.js";
import { planDeletion, type StageContents } from "./plan-deletion.js";

const scope = { project: "shop", stage: "prod", partition: "aws", account: "1", region: "us-east-1" };
const OURS = { "queue-run:project": "shop", "queue-run:stage": "prod" };

const queue = (tags: Record<string, string> = OURS): ActualQueue => ({ url: "", attributes: {}, tags });

function fn(parts: Partial<ActualFunction> = {}): ActualFunction {
  const version = {
    version: "$LATEST",
    codeSha256: "",
    configuration: {
      runtime: "nodejs24.x" as const,
      architecture: "arm64" as const,
      handler: "index.handler",
      memoryMegabytes: 256,
      timeoutSeconds: 10,
      vpc: null,
    },
    roleArn: "",
    environment: {},
    logFormat: "JSON from TRACE",
    logGroup: null,
  };
  return {
    role: null,
    logGroup: { retentionDays: 30, tags: OURS },
    latest: version,
    tags: OURS,
    live: version,
    sharesCalls: false,
    recursiveLoop: "Allow",
    mapping: null,
    asyncInvocation: null,
    ...parts,
  };
}

const mapping = {
  uuid: "u-1",
  functionArn: "",
  queueArn: "",
  state: "Enabled",
  batchSize: 10,
  batchWindowSeconds: 0,
  maximumConcurrency: null,
  reportsBatchItemFailures: true,
};

const contents: StageContents = {
  roles: ["shop-prod-api", "shop-prod-queue-emails"],
  table: { status: "ACTIVE", keysMatch: true, onDemand: true, timeToLive: "enabled", tags: OURS },
  queues: { "shop-prod-emails": queue(), "shop-prod-emails-dlq": queue(), "shop-prod-gone": null },
  functions: { "shop-prod-api": fn(), "shop-prod-queue-emails": fn({ mapping }), "shop-prod-old": null },
  endpoint: null,
  socket: {
    api: { id: "s1", url: "", integrationUri: null, routes: [], hasStage: true, tags: OURS },
    permissions: {},
  },
  scheduling: { group: { tags: OURS }, role: null, schedules: {} },
  delays: { group: { tags: OURS }, role: null },
  hasVariables: true,
};

const ids = (plan: ReturnType<typeof planDeletion>) => plan.steps.map(({ id }) => id);

test("schedules, mappings, functions, the rest, and the table last", () => {
  const order = ids(planDeletion(scope, contents));
  expect([...order].sort()).toEqual(
    [
      "delete-schedule-group shop-prod",
      "delete-schedule-group shop-prod-delayed",
      "delete-api shop-prod-socket",
      "delete-mapping shop-prod-queue-emails",
      "delete-function shop-prod-api",
      "delete-function shop-prod-queue-emails",
      "delete-log-group /aws/lambda/shop-prod-api",
      "delete-log-group /aws/lambda/shop-prod-queue-emails",
      "delete-queue shop-prod-emails",
      "delete-queue shop-prod-emails-dlq",
      "delete-role shop-prod-api",
      "delete-role shop-prod-queue-emails",
      "delete-parameter /queue-run/shop/prod/env",
      "delete-table shop-prod",
    ].sort(),
  );
  const at = (id: string) => order.indexOf(id);
  expect(at("delete-schedule-group shop-prod")).toBe(0);
  expect(at("delete-mapping shop-prod-queue-emails")).toBeLessThan(
    at("delete-function shop-prod-queue-emails"),
  );
  expect(at("delete-table shop-prod")).toBe(order.length - 1);
});

test("every step waits for what must be gone before it", () => {
  const { steps } = planDeletion(scope, contents);
  const after = new Map(steps.map((step) => [step.id, step.after]));
  for (const name of ["shop-prod-emails", "shop-prod-emails-dlq"])
    expect(after.get(`delete-queue ${name}`)).toEqual(
      expect.arrayContaining(["delete-function shop-prod-api", "delete-function shop-prod-queue-emails"]),
    );
  const others = steps.map(({ id }) => id).filter((id) => id !== "delete-table shop-prod");
  const reached = new Set<string>();
  const visit = (id: string) => {
    for (const each of after.get(id) ?? []) {
      reached.add(each);
      visit(each);
    }
  };
  visit("delete-table shop-prod");
  expect([...reached].sort()).toEqual([...others].sort());
});

test("what is not tagged as the stage's stays", () => {
  const other = { "queue-run:project": "shop", "queue-run:stage": "preview" };
  const plan = planDeletion(scope, {
    roles: [],
    table: { status: "ACTIVE", keysMatch: true, onDemand: true, timeToLive: "enabled", tags: {} },
    queues: { "shop-prod-emails": queue(other) },
    functions: { "shop-prod-api": fn({ tags: other, logGroup: { retentionDays: 1, tags: {} } }) },
    endpoint: null,
    socket: {
      api: { id: "s1", url: "", integrationUri: null, routes: [], hasStage: true, tags: other },
      permissions: {},
    },
    scheduling: { group: { tags: other }, role: null, schedules: {} },
    delays: { group: { tags: other }, role: null },
    hasVariables: false,
  });
  expect(ids(plan)).toEqual([]);
});
