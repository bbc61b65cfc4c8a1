import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { defineService } from "./service.js";

/** CloudWatch Logs. CreateLogGroup and PutRetentionPolicy: 10 a second each. User Guide, "Quotas". */
export const logs = defineService({
  service: "logs",
  callsPerSecond: 10,
  perOperation: true,
  create: (settings) => new CloudWatchLogsClient(settings),
});
