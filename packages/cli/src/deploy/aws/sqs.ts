import { SQSClient } from "@aws-sdk/client-sqs";
import { defineService } from "./service.js";

/** Amazon SQS. Calls go to the configured endpoint, not to the host of a queue's URL. */
export const sqs = defineService({
  service: "sqs",
  callsPerSecond: 100,
  create: (settings) => new SQSClient({ ...settings, useQueueUrlAsEndpoint: false }),
});
