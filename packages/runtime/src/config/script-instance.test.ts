import { afterEach, expect, test, vi } from "vitest";
import { instanceConfig } from "./instance.js";
import { scriptInstance, toScriptQueues } from "./script-instance.js";

const queues = [
  { name: "emails", fifo: false, jobs: ["default"], maxPayloadBytes: null, maxHops: 100, track: false },
  {
    name: "orders.fifo",
    fifo: true,
    jobs: ["default", "ship"],
    maxPayloadBytes: 10,
    maxHops: 5,
    track: true,
    retries: 2,
    retentionSeconds: 3_600,
    maxPending: 7,
  },
];

const stage = {
  QUEUE_RUN_PROJECT: "shop",
  QUEUE_RUN_STAGE: "prod",
  QUEUE_RUN_URL: "https://shop.example",
  QUEUE_RUN_SQS_URL_PREFIX: "https://sqs.eu-west-1.amazonaws.com/123456789012/",
  QUEUE_RUN_SQS_REGION: "eu-west-1",
  QUEUE_RUN_QUEUES: toScriptQueues(queues),
};

afterEach(() => vi.unstubAllEnvs());

test("a script finds a stage's queues by their names on AWS, whatever region it uses itself", () => {
  expect(scriptInstance({ ...stage, AWS_REGION: "us-west-2" })).toMatchObject({
    project: "shop",
    stage: "prod",
    baseUrl: "https://shop.example",
    queues: {
      emails: {
        ...queues[0],
        physicalName: "shop-prod-emails",
        deadLetterPhysicalName: "shop-prod-emails-dlq",
      },
      "orders.fifo": { ...queues[1], physicalName: "shop-prod-orders.fifo" },
    },
    sqs: { region: "eu-west-1", queueUrlPrefix: stage.QUEUE_RUN_SQS_URL_PREFIX },
  });
});

test("a dev server's queues have their files' names, and are reached with keys that open nothing", () => {
  const endpoint = "http://127.0.0.1:9324";
  const env = { ...stage, QUEUE_RUN_STAGE: "dev", QUEUE_RUN_SQS_ENDPOINT: endpoint };
  expect(scriptInstance(env)).toMatchObject({
    queues: { "orders.fifo": { physicalName: "orders.fifo", deadLetterPhysicalName: "orders-dlq.fifo" } },
    sqs: { endpoint, credentials: { accessKeyId: "queue-run-dev" }, allowRemoteEndpoint: true },
  });
});

test("a dev server's table is on the dev server's endpoint, a stage's where AWS has it", () => {
  const table = { QUEUE_RUN_TABLE: "queue-run-dev" };
  const local = {
    QUEUE_RUN_SQS_ENDPOINT: "http://sqs:9324",
    QUEUE_RUN_SERVICES_ENDPOINT: "http://127.0.0.1:1",
  };
  expect(scriptInstance({ ...stage, ...table, ...local })?.table).toEqual({
    name: "queue-run-dev",
    endpoint: "http://127.0.0.1:1",
  });
  expect(scriptInstance({ ...stage, ...table })?.table).toEqual({ name: "queue-run-dev" });
});

test("what has its default takes no room", () => {
  expect(
    toScriptQueues([
      {
        ...queues[0],
        name: "emails",
        fifo: false,
        jobs: ["default"],
        maxPayloadBytes: null,
        track: false,
        maxHops: undefined,
      },
    ]),
  ).toBe('[{"name":"emails"}]');
});

test("a process that was not configured takes its project from the environment, and has none without", () => {
  expect(instanceConfig()).toBeNull();
  for (const [name, value] of Object.entries(stage)) vi.stubEnv(name, value);
  expect(instanceConfig()).toMatchObject({ project: "shop" });
  expect(instanceConfig()).toBe(instanceConfig());
});
