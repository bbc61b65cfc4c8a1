import { expect, test } from "vitest";
import type { ActualDetails, ActualSummary, DetailsToRead } from "../actual/actual-state.js";
import { deployToModel } from "../testing/model-deploy.js";
import { emptyStage, type ModelStage, readModel } from "../testing/model-stage.js";
import { type TestProject, testDesired } from "../testing/test-project.js";
import { detailsToRead } from "./details-to-read.js";

const SHOP: TestProject = {
  queues: { emails: {}, orders: {} },
  routes: { "/": {} },
  schedules: { nightly: {} },
};

function deployed(): ModelStage {
  const stage = emptyStage();
  deployToModel(stage, testDesired(SHOP));
  return stage;
}

/** What the first stride says of a stage. */
function summaryOf(stage: ModelStage): ActualSummary {
  const { recorded, live, url, socketUrl, tagged, roles, scheduleNames } = readModel(
    stage,
    testDesired(SHOP),
  );
  return { recorded, live, url, socketUrl, tagged, roles, scheduleNames };
}

function names(toRead: DetailsToRead | null): string[] {
  if (!toRead) return [];
  const { table, queues, functions, endpoint, socket, scheduling, delays } = toRead;
  const parts = { table, endpoint, socket, scheduling, delays };
  return [
    ...Object.entries(parts).flatMap(([name, isRead]) => (isRead ? [name] : [])),
    ...queues,
    ...functions.map(({ physicalName }) => physicalName),
  ];
}

test("nothing is read of a stage that is as it was recorded", () => {
  expect(detailsToRead(testDesired(SHOP), summaryOf(deployed()))).toBeNull();
});

test("everything is read where nothing is recorded, and when it is asked for", () => {
  const all = [
    "table",
    "endpoint",
    "scheduling",
    "delays",
    "shop-prod-emails-dlq",
    "shop-prod-emails",
    "shop-prod-orders-dlq",
    "shop-prod-orders",
    "shop-prod-_undeliverable",
    "shop-prod-queue-emails",
    "shop-prod-queue-orders",
    "shop-prod-schedule-nightly",
    "shop-prod-api",
  ];
  expect(names(detailsToRead(testDesired(SHOP), summaryOf(emptyStage())))).toEqual(all);
  expect(names(detailsToRead(testDesired(SHOP), summaryOf(deployed()), { refresh: true }))).toEqual(all);
});

test("a change is looked at where it is", () => {
  const changed = testDesired({ ...SHOP, code: { "queue:emails": "2" } });
  expect(detailsToRead(changed, summaryOf(deployed()))).toEqual({
    table: false,
    queues: [],
    functions: [
      {
        physicalName: "shop-prod-queue-emails",
        roleName: "shop-prod-queue-emails",
        logGroup: "/aws/lambda/shop-prod-queue-emails",
        queueArn: "arn:aws:sqs:eu-west-1:123456789012:shop-prod-emails",
        withShares: false,
      },
    ],
    endpoint: false,
    socket: false,
    scheduling: false,
    delays: false,
  });
});

test("what has no file any more is read, with what it consumes", () => {
  const less = testDesired({ ...SHOP, queues: { emails: {} }, schedules: {}, routes: {} });
  const toRead = detailsToRead(less, summaryOf(deployed()));
  const removed = [
    "scheduling",
    "shop-prod-orders",
    "shop-prod-orders-dlq",
    "shop-prod-queue-emails",
    "shop-prod-api",
    "shop-prod-queue-orders",
    "shop-prod-schedule-nightly",
  ];
  expect(names(toRead)).toEqual(removed);
  // Their APIs may be there with nothing else of them, and matter only when they go.
  const all = detailsToRead(less, summaryOf(deployed()), { prune: true });
  expect(names(all)).toEqual(["endpoint", "socket", ...removed]);
  expect(toRead?.functions.map(({ queueArn }) => queueArn?.split(":").at(-1))).toContain("shop-prod-orders");
});

test("details show what else to read: another address is in the variables of functions", () => {
  const stage = deployed();
  const desired = testDesired({ ...SHOP, settings: { tags: { team: "a" } } });
  const before = { ...summaryOf(stage), recorded: { ...stage.recorded, endpoint: "another" } };
  expect(names(detailsToRead(testDesired(SHOP), before))).toEqual(["endpoint"]);
  const details = readModel(stage, desired, { refresh: true }).endpoint;
  const read: Partial<ActualDetails> = {
    endpoint: details && {
      ...details,
      functionUrl: { url: "https://other", authType: "NONE", invokeMode: "x", hasCors: false },
    },
  };
  expect(names(detailsToRead(testDesired(SHOP), { ...before, ...read }))).toEqual([
    "shop-prod-queue-emails",
    "shop-prod-queue-orders",
    "shop-prod-schedule-nightly",
    "shop-prod-api",
  ]);
});
