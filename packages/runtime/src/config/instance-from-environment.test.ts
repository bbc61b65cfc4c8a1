import { expect, test } from "vitest";
import { instanceFromEnvironment } from "./instance-from-environment.js";

const emails = { name: "emails.fifo", fifo: true, jobs: ["default"], maxPayloadBytes: null, track: false };

test("finds queues by the names they have on AWS", () => {
  const instance = instanceFromEnvironment([emails], {
    QUEUE_RUN_PROJECT: "shop",
    QUEUE_RUN_STAGE: "prod",
    QUEUE_RUN_URL: "https://shop.example",
    QUEUE_RUN_SQS_URL_PREFIX: "https://sqs.eu-west-1.amazonaws.com/123456789012/",
    AWS_REGION: "eu-west-1",
  });
  expect(instance.queues["emails.fifo"]).toEqual({
    ...emails,
    physicalName: "shop-prod-emails.fifo",
    deadLetterPhysicalName: "shop-prod-emails-dlq.fifo",
  });
  expect(instance).toMatchObject({
    project: "shop",
    stage: "prod",
    sqs: { region: "eu-west-1", queueUrlPrefix: "https://sqs.eu-west-1.amazonaws.com/123456789012/" },
    baseUrl: "https://shop.example",
    readableLogs: false,
  });
});

test("has no address of its own, and the SDK's own endpoint, where none is given", () => {
  const { baseUrl, sqs } = instanceFromEnvironment([], {
    QUEUE_RUN_PROJECT: "shop",
    QUEUE_RUN_STAGE: "prod",
  });
  expect(baseUrl).toBeNull();
  expect(sqs.endpoint).toBeUndefined();
});

test("finds the table, the schedule group of long delays and the socket where there are any", () => {
  const none = instanceFromEnvironment([], { QUEUE_RUN_PROJECT: "shop", QUEUE_RUN_STAGE: "prod" });
  expect(none).not.toHaveProperty("table");
  expect(none).not.toHaveProperty("delays");
  expect(none).not.toHaveProperty("socket");

  const env = {
    QUEUE_RUN_TABLE: "shop-prod",
    QUEUE_RUN_DELAY_GROUP: "shop-prod-delays",
    QUEUE_RUN_DELAY_ROLE: "arn:aws:iam::123456789012:role/shop-prod-delays",
    QUEUE_RUN_SOCKET_URL: "https://abc.execute-api.eu-west-1.amazonaws.com/prod",
  };
  const delays = {
    scheduleGroup: "shop-prod-delays",
    roleArn: env.QUEUE_RUN_DELAY_ROLE,
    deadLetterArn: null,
  };
  expect(instanceFromEnvironment([], env)).toMatchObject({
    table: { name: "shop-prod" },
    delays,
    socket: { endpoint: env.QUEUE_RUN_SOCKET_URL },
  });
  const deadLetterArn = "arn:aws:sqs:eu-west-1:123456789012:shop-prod-delays-dlq";
  expect(instanceFromEnvironment([], { ...env, QUEUE_RUN_DELAY_DLQ: deadLetterArn }).delays).toEqual({
    ...delays,
    deadLetterArn,
  });
});
