import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { defineService } from "./service.js";

/** CloudWatch's metrics. */
export const cloudwatch = defineService({
  service: "cloudwatch",
  callsPerSecond: 20,
  create: (settings) => new CloudWatchClient(settings),
});
