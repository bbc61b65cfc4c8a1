import { ApiGatewayV2Client } from "@aws-sdk/client-apigatewayv2";
import { defineService } from "./service.js";

/** API Gateway's HTTP APIs. Creating takes a call every five seconds; the others 10 a second. Developer Guide, "Quotas". */
export const apiGateway = defineService({
  service: "apigateway",
  callsPerSecond: 5,
  create: (settings) => new ApiGatewayV2Client(settings),
});
