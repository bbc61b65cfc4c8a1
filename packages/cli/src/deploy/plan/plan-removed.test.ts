import { describe, expect, test } from "vitest";
import { refusingPolicy } from "../desired/draining-policy.js";
import { deployToModel } from "../testing/model-deploy.js";
import { emptyStage, type ModelStage, readModel } from "../testing/model-stage.js";
import { type TestProject, testDesired } from "../testing/test-project.js";
import { plan } from "./plan.js";

const SHOP: TestProject = { queues: { emails: {} }, routes: { "/": {} }, schedules: { nightly: {} } };

function deployed(project: TestProject): ModelStage {
  const stage = emptyStage();
  deployToModel(stage, testDesired(project));
  return stage;
}

function planned(
  stage: ModelStage,
  project: TestProject,
  options: { prune?: boolean; isGoingBack?: boolean } = {},
) {
  const desired = testDesired(project);
  const all = { prune: false, refresh: false, ...options };
  const { steps, notes } = plan(desired, readModel(stage, desired, all), all);
  const told = steps.map(({ id, after }) => (after.length > 0 ? `${id} < ${after.join(", ")}` : id));
  return { steps: told, notes };
}

describe("without --prune", () => {
  test("a queue stays with its consumer, and how much is in it is said", () => {
    const stage = deployed({ queues: { emails: {}, orders: {} } });
    const queue = stage.queues.get("shop-prod-orders");
    Object.assign(queue?.attributes ?? {}, {
      ApproximateNumberOfMessages: "2",
      ApproximateNumberOfMessagesNotVisible: "1",
      ApproximateNumberOfMessagesDelayed: "4",
    });
    expect(planned(stage, { queues: { emails: {} } })).toEqual({
      steps: [],
      notes: [
        "queue orders has no file any more: it stays, with its consumer (7 waiting, 0 dead-lettered); --prune removes it once it is empty",
      ],
    });
  });

  test("a queue that became FIFO is a new one, and its notes say so", () => {
    const { steps, notes } = planned(deployed({ queues: { orders: {} } }), { queues: { "orders.fifo": {} } });
    expect(steps).toContain("create-queue shop-prod-orders.fifo < create-queue shop-prod-orders-dlq.fifo");
    expect(steps.filter((step) => /delete|shop-prod-orders( |$)/.test(step))).toEqual([]);
    expect(notes).toContain(
      "queue orders.fifo is a new queue, since SQS cannot make a standard queue FIFO; what waits in orders is handled by its own consumer",
    );
  });

  test.each([{}, { prune: true }])(
    "its function is not given to a queue of nearly its name (%o)",
    (options) => {
      const stage = deployed({ queues: { "orders.fifo": {} } });
      const desired = testDesired({ queues: { "orders-fifo": {} } });
      const all = { prune: false, refresh: false, ...options };
      const { steps, problems } = plan(desired, readModel(stage, desired, all), all);
      expect(steps).toEqual([]);
      expect(problems).toMatchObject([
        {
          code: "QR_NAME_TAKEN",
          file: "queues/orders-fifo.ts",
          message: expect.stringContaining("shop-prod-queue-orders-fifo consumes the queue orders.fifo"),
          fix: expect.stringContaining("--prune until the queue orders.fifo is gone"),
        },
      ]);
    },
  );

  test.each([{}, { prune: true }])(
    "what it leaves of a function is taken over, and stays (%o)",
    (options) => {
      const stage = deployed({ queues: { "orders.fifo": {} } });
      for (const name of stage.queues.keys()) if (/orders/.test(name)) stage.queues.delete(name);
      const { steps } = planned(stage, { queues: { "orders-fifo": {} } }, options);
      expect(steps.filter((step) => /^delete/.test(step))).toEqual([]);
      expect(steps).toContain("tag-function shop-prod-queue-orders-fifo");
    },
  );

  test("a schedule no longer runs, and its function stays", () => {
    expect(planned(deployed(SHOP), { ...SHOP, schedules: {} })).toEqual({
      steps: ["delete-schedule nightly"],
      notes: [
        "schedule nightly has no file any more: it no longer runs, and its function stays; --prune removes it",
      ],
    });
  });

  test("an API stays, with its address", () => {
    const { steps, notes } = planned(deployed({ routes: { "/": {} } }), {});
    expect(steps).toEqual([]);
    expect(notes).toEqual([
      "the API has no file any more: its function and its address stay; --prune removes them",
    ]);
  });

  test("a removal that was killed is taken back", () => {
    const stage = deployed({ queues: { emails: {} } });
    Object.assign(stage.queues.get("shop-prod-emails")?.attributes ?? {}, {
      Policy: refusingPolicy("", "arn:q"),
    });
    expect(planned(stage, {}).steps).toEqual(["set-queue-attributes shop-prod-emails"]);
    deployToModel(stage, testDesired({}));
    expect(stage.queues.get("shop-prod-emails")?.attributes.Policy).toBe("");
  });
});

describe("with --prune", () => {
  const GONE = [
    "delete-empty-queue shop-prod-emails",
    "delete-function shop-prod-queue-emails < delete-empty-queue shop-prod-emails",
    "delete-role shop-prod-queue-emails < delete-empty-queue shop-prod-emails, delete-function shop-prod-queue-emails",
    "delete-empty-queue shop-prod-_undeliverable < delete-empty-queue shop-prod-emails",
    "delete-empty-schedule-group shop-prod-delayed < delete-empty-queue shop-prod-emails, delete-empty-queue shop-prod-_undeliverable",
    "delete-role shop-prod-delayed < delete-empty-queue shop-prod-emails, delete-empty-queue shop-prod-_undeliverable, delete-empty-schedule-group shop-prod-delayed",
  ];

  test("an empty queue goes with all that belongs to it", () => {
    const stage = deployed({ queues: { emails: {} } });
    expect(planned(stage, {}, { prune: true })).toEqual({ steps: GONE, notes: [] });
    deployToModel(stage, testDesired({}), { prune: true });
    expect([stage.queues.size, stage.functions.size, stage.roles.size, stage.mappings.length]).toEqual([
      0, 0, 0, 0,
    ]);
    expect(planned(stage, {}, { prune: true })).toEqual({ steps: [], notes: [] });
  });

  test.each(["shop-prod-emails", "shop-prod-emails-dlq"])("nothing goes while messages are in %s", (full) => {
    const stage = deployed({ queues: { emails: {} } });
    deployToModel(stage, testDesired({}), { prune: true, full: new Set([full]) });
    expect(stage.queues.size).toBe(3);
    expect([stage.functions.size, stage.roles.size, stage.mappings.length]).toEqual([1, 2, 1]);
    expect(planned(stage, {}, { prune: true }).steps).toEqual(GONE);
  });

  test.each([1, 2, 3, 4, 5, 6])("what %i steps have left is removed by the next deploy", (steps) => {
    const stage = deployed({ queues: { emails: {} } });
    deployToModel(stage, testDesired({}), { prune: true, steps, dies: true });
    expect(planned(stage, {}, { prune: true }).steps).toHaveLength(6 - steps);
  });

  test("a queue goes after what pushes to it", () => {
    const sources = {
      "queue:orders": 'import { queues } from "queue-run"; queues("emails")',
      api: 'import { queues } from "queue-run"; queues("orders")',
    };
    const stage = deployed({ queues: { emails: {}, orders: {} }, routes: { "/": {} }, sources });
    const steps = planned(stage, {}, { prune: true }).steps;
    expect(steps.filter((step) => !/shop-prod-(_undeliverable|delayed)/.test(step))).toEqual([
      "delete-function-url shop-prod-api",
      "delete-function shop-prod-api < delete-function-url shop-prod-api",
      "delete-empty-queue shop-prod-orders < delete-function shop-prod-api",
      "delete-function shop-prod-queue-orders < delete-empty-queue shop-prod-orders",
      "delete-empty-queue shop-prod-emails < delete-function shop-prod-queue-orders",
      "delete-role shop-prod-api < delete-function-url shop-prod-api, delete-function shop-prod-api",
      "delete-function shop-prod-queue-emails < delete-empty-queue shop-prod-emails",
      "delete-role shop-prod-queue-emails < delete-empty-queue shop-prod-emails, delete-function shop-prod-queue-emails",
      "delete-role shop-prod-queue-orders < delete-empty-queue shop-prod-orders, delete-function shop-prod-queue-orders",
    ]);
  });

  test("the group of delayed messages stays while one waits in it, and so does its role", () => {
    const stage = deployed({ queues: { emails: {} } });
    deployToModel(stage, testDesired({}), { prune: true, full: new Set(["shop-prod-delayed"]) });
    expect(planned(stage, {}, { prune: true }).steps).toEqual([
      "delete-empty-schedule-group shop-prod-delayed",
      "delete-role shop-prod-delayed < delete-empty-schedule-group shop-prod-delayed",
    ]);
  });

  test("the group of schedules and its role go with the last schedule", () => {
    const stage = deployed({ schedules: { nightly: {} } });
    expect(planned(stage, {}, { prune: true }).steps).toEqual([
      "delete-schedule nightly",
      "delete-function shop-prod-schedule-nightly",
      "delete-role shop-prod-schedule-nightly < delete-function shop-prod-schedule-nightly",
      "delete-empty-schedule-group shop-prod",
      "delete-role shop-prod-scheduler < delete-empty-schedule-group shop-prod",
    ]);
    deployToModel(stage, testDesired({}), { prune: true });
    expect([stage.scheduleGroups.size, stage.roles.size]).toEqual([0, 0]);
    expect(planned(stage, {}, { prune: true }).steps).toEqual([]);
  });

  test("of queues whose jobs push to each other none goes while one is full", () => {
    const sources = {
      "queue:orders": 'import { queues } from "queue-run"; queues("emails")',
      "queue:emails": 'import { queues } from "queue-run"; queues("orders")',
    };
    const stage = deployed({ queues: { emails: {}, orders: {} }, sources });
    deployToModel(stage, testDesired({}), { prune: true, full: new Set(["shop-prod-orders"]) });
    expect(stage.queues.size).toBe(5);
    deployToModel(stage, testDesired({}), { prune: true });
    expect(stage.queues.size).toBe(0);
  });

  test("a role that a dead deploy left behind goes", () => {
    const stage = deployed({});
    deployToModel(stage, testDesired({ queues: { emails: {} } }), { steps: 6, dies: true });
    expect([...stage.roles.keys()]).toEqual(["shop-prod-delayed", "shop-prod-queue-emails"]);
    deployToModel(stage, testDesired({}), { prune: true });
    expect([...stage.roles.keys()]).toEqual([]);
  });
});

test("going back, what came later stays as it is, whatever is asked for", () => {
  const stage = deployed(SHOP);
  expect(planned(stage, {}, { isGoingBack: true, prune: true })).toEqual({
    steps: ["delete-schedule nightly"],
    notes: [
      "queue emails came later: it stays, with its consumer, as it is",
      "the API came later: its function stays as it is",
      "schedule nightly came later: its function stays as it is",
    ],
  });
});
