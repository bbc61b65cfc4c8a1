import type { Api } from "@aws-sdk/client-apigatewayv2";
import type { Aws } from "../aws/connect.js";
import type { StageScope } from "../desired/desired-state.js";
import { functionName, socketName } from "../desired/resource-names.js";
import type { ActualSocket } from "./actual-state.js";
import { readApiParts } from "./read-api.js";
import { readInvokers } from "./read-invokers.js";

/**
 * Reads the socket's WebSocket API in detail; null where nothing of it is there.
 *
 * @param apis - of API Gateway, as they are listed
 * @param withFunction - whether the socket's function can be there, whose policy goes with it
 */
export async function readSocket(
  aws: Aws,
  scope: StageScope,
  apis: Promise<readonly Api[]>,
  withFunction: boolean,
): Promise<ActualSocket | null> {
  const [api, permissions] = await Promise.all([
    readApi(aws, scope, apis),
    withFunction ? readInvokers(aws, functionName(scope, "socket")) : {},
  ]);
  return api || Object.keys(permissions).length > 0 ? { api, permissions } : null;
}

async function readApi(
  aws: Aws,
  scope: StageScope,
  apis: Promise<readonly Api[]>,
): Promise<ActualSocket["api"]> {
  const found = await readApiParts(aws, scope, socketName(scope), apis);
  if (!found) return null;
  const { id, api, integration, routeKeys, stageNames } = found;
  return {
    id,
    url: socketUrlOf(api.ApiEndpoint, scope.stage),
    integrationUri: integration?.IntegrationUri ?? null,
    routes: routeKeys,
    hasStage: stageNames.includes(scope.stage),
    tags: api.Tags ?? {},
  };
}

/**
 * @param endpoint - "wss://ID.execute-api.REGION.amazonaws.com", as API Gateway gives it
 * @returns what `@connections` is under
 */
export function socketUrlOf(endpoint: string | undefined, stageName: string): string {
  return `${(endpoint ?? "").replace(/^wss:/, "https:").replace(/\/$/, "")}/${stageName}`;
}
