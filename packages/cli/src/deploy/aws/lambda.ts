import { LambdaClient } from "@aws-sdk/client-lambda";
import { defineService } from "./service.js";

/** AWS Lambda. Its control plane takes 15 calls a second in all. Lambda Developer Guide, "Quotas". */
export const lambda = defineService({
  service: "lambda",
  callsPerSecond: 11,
  create: (settings) => new LambdaClient(settings),
});
