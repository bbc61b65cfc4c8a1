import type { StageScope } from "./desired-state.js";

/** What a WebSocket API sends to its function. API Gateway Developer Guide, "Create routes for WebSocket APIs". */
export const SOCKET_ROUTES = ["$connect", "$disconnect", "$default"] as const;

/** What the socket asks of API Gateway in order to choose a route; the function itself looks at all messages. */
export const ROUTE_SELECTION = "$request.body.action";

/**
 * @param functionArn - with its alias
 * @returns how an integration of a WebSocket API names a Lambda function. API Gateway V2 API Reference, CreateIntegration
 */
export function socketIntegrationUri(
  { partition, region }: Pick<StageScope, "partition" | "region">,
  functionArn: string,
): string {
  return `arn:${partition}:apigateway:${region}:lambda:path/2015-03-31/functions/${functionArn}/invocations`;
}
