import { SSMClient } from "@aws-sdk/client-ssm";
import { defineService } from "./service.js";

/** Systems Manager, for its Parameter Store: 40 calls a second. User Guide, "Quotas". */
export const ssm = defineService({
  service: "ssm",
  callsPerSecond: 20,
  create: (settings) => new SSMClient(settings),
});
