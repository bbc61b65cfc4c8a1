import { ApiGatewayV2Client } from "@aws-sdk/client-apigatewayv2";
import { defineService } from "./service.js";

/** API Gateway's HTTP APIs: 10 calls a second. Developer Guide, "Quotas". */
export const apiGateway = defineService({
  service: "apigateway",
  callsPerSecond: 5,
  create: (settings) => new ApiGatewayV2Client(settings),
});

/** The same, for calls that must not be sent twice: what they make would be there twice. */
export const apiGatewayOnce = defineService({
  service: "apigateway",
  callsPerSecond: 2,
  create: (settings) => new ApiGatewayV2Client({ ...settings, maxAttempts: 1 }),
});
