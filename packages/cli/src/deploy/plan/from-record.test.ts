import { expect, test } from "vitest";
import type { ActualVersion } from "../actual/actual-state.js";
import { deployToModel } from "../testing/model-deploy.js";
import { emptyStage, type ModelStage, readModel } from "../testing/model-stage.js";
import { type TestProject, testDesired } from "../testing/test-project.js";
import { desiredFromRecord, type RecordedDeploy } from "./from-record.js";
import { plan } from "./plan.js";

const SHOP: TestProject = {
  queues: { emails: {} },
  routes: { "/": {} },
  settings: { env: { COLOUR: "red", PLACE: "here" } },
  parameter: { KEY: "old", COLOUR: "blue", GONE: "yes" },
  flags: { FLAG: "up" },
};
const Q = "shop-prod-queue-emails";

/** A stage that a project was deployed to, and after it other code. */
function deployedTwice(): { stage: ModelStage; first: RecordedDeploy } {
  const stage = emptyStage();
  const desired = testDesired(SHOP);
  deployToModel(stage, desired);
  const first = recordOf(stage, SHOP);
  deployToModel(stage, testDesired({ ...SHOP, code: { api: "2", "queue:emails": "2" } }));
  return { stage, first };
}

function recordOf(stage: ModelStage, project: TestProject): RecordedDeploy {
  const desired = testDesired(project);
  const live = desired.functions.map(({ id, physicalName }) => {
    const found = stage.functions.get(physicalName);
    return [id, found?.versions.find(({ version }) => version === found.live) ?? null] as const;
  });
  const functions = desired.functions.map((fn) => ({
    ...fn,
    environment: { ...fn.environment, variables: {} },
  }));
  return {
    desired: JSON.parse(JSON.stringify({ ...desired, functions })),
    versions: Object.fromEntries(live.map(([id, version]) => [id, version?.version ?? ""])),
    found: structuredClone(Object.fromEntries(live)),
    parameter: project.parameter ?? {},
    addresses: { url: stage.url, socketUrl: stage.socketUrl },
  };
}

function steps(stage: ModelStage, record: RecordedDeploy): string[] {
  const { desired, problems } = desiredFromRecord(record);
  expect(problems).toEqual([]);
  const actual = readModel(stage, desired);
  return plan(desired, actual, { prune: false, refresh: false, isGoingBack: true }).steps.map(
    ({ text }) => text,
  );
}

test("with the same variables, aliases go back to the versions that served", () => {
  const { stage, first } = deployedTwice();
  expect(steps(stage, first)).toEqual([
    `switch function ${Q} to its version 1`,
    "switch function shop-prod-api to its version 2",
  ]);
  deployToModel(stage, desiredFromRecord(first).desired, { isGoingBack: true });
  expect(steps(stage, first)).toEqual([]);
});

test("with other variables, the code of those versions is published again with them", () => {
  const { stage, first } = deployedTwice();
  const parameter = { KEY: "new", COLOUR: "blue", MORE: "1" };
  const { desired } = desiredFromRecord({ ...first, parameter });
  deployToModel(stage, desired, { isGoingBack: true });
  const found = stage.functions.get(Q);
  const live = found?.versions.find(({ version }) => version === found.live);
  expect(live?.codeSha256).toBe(first.found["queue:emails"]?.codeSha256);
  expect(live?.environment).toEqual({
    NODE_ENV: "production",
    QUEUE_RUN_PROJECT: "shop",
    QUEUE_RUN_STAGE: "prod",
    QUEUE_RUN_SQS_URL_PREFIX: "https://sqs.eu-west-1.amazonaws.com/123456789012/",
    QUEUE_RUN_URL: stage.url,
    FLAG: "up",
    PLACE: "here",
    ...parameter,
  });
});

test("other variables for what serves now: only a new version, and the alias", () => {
  const stage = emptyStage();
  deployToModel(stage, testDesired(SHOP));
  const record = recordOf(stage, SHOP);
  expect(steps(stage, record)).toEqual([]);
  const { desired } = desiredFromRecord({ ...record, parameter: { ...SHOP.parameter, KEY: "new" } });
  const actual = readModel(stage, desired);
  const found = plan(desired, actual, { prune: false, refresh: false }).steps;
  expect(
    found.filter(({ unit }) => unit === "function:queue:emails").map(({ id, changes }) => ({ id, changes })),
  ).toEqual([
    {
      id: `update-configuration ${Q}`,
      changes: [{ setting: "variable KEY", from: "set", to: "set anew" }],
    },
    { id: `publish-version ${Q}`, changes: [] },
    { id: `update-alias ${Q}`, changes: [] },
  ]);
});

test("a deploy of files after it finds what they differ in", () => {
  const { stage, first } = deployedTwice();
  deployToModel(stage, desiredFromRecord(first).desired, { isGoingBack: true });
  const desired = testDesired({ ...SHOP, code: { api: "2", "queue:emails": "2" } });
  const { steps: found } = plan(desired, readModel(stage, desired), { prune: false, refresh: false });
  // $LATEST still is what was taken back: nothing is uploaded.
  expect(found.map(({ operation }) => operation.type)).toEqual([
    "publish-version",
    "publish-version",
    "update-alias",
    "update-alias",
  ]);
});

test.each<[string, (found: ActualVersion) => ActualVersion | null]>([
  ["is gone", () => null],
  ["is another since the function was made anew", (found) => ({ ...found, codeSha256: "other" })],
])("a version that %s is a problem", (_, change) => {
  const { first } = deployedTwice();
  const before = first.found["queue:emails"];
  const found = { ...first.found, "queue:emails": before ? change(before) : null };
  const { problems } = desiredFromRecord({ ...first, found });
  expect(problems).toMatchObject([{ code: "QR_VERSION_GONE", file: "queues/emails.ts" }]);
  expect(problems[0]?.message).toContain(`Version 1 of the function ${Q}`);
});

test("variables of today that are too many are a problem", () => {
  const { first } = deployedTwice();
  const { problems } = desiredFromRecord({ ...first, parameter: { LONG: "x".repeat(4_000) } });
  expect(problems).toMatchObject([{ code: "QR_VARIABLES_TOO_LARGE" }]);
});
