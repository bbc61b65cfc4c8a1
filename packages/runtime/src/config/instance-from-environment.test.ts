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
