import { GetIntegrationsCommand, GetRoutesCommand, GetStagesCommand } from "@aws-sdk/client-apigatewayv2";
import { apiGateway } from "../aws/api-gateway.js";
import type { Aws } from "../aws/connect.js";
import type { StageScope } from "../desired/desired-state.js";
import { functionName, socketName } from "../desired/resource-names.js";
import type { ActualSocket } from "./actual-state.js";
import { findApi, readPermissions } from "./read-endpoint.js";

/** Reads the socket's WebSocket API in detail; null where nothing of it is there. */
export async function readSocket(aws: Aws, scope: StageScope): Promise<ActualSocket | null> {
  const [api, permissions] = await Promise.all([
    readApi(aws, scope),
    readPermissions(aws, functionName(scope, "socket")),
  ]);
  return api || permissions.length > 0 ? { api, permissions } : null;
}

async function readApi(aws: Aws, scope: StageScope): Promise<ActualSocket["api"]> {
  const found = await findApi(aws, scope, socketName(scope));
  if (!found?.ApiId) return null;
  const ApiId = found.ApiId;
  const client = apiGateway(aws);
  const [integrations, routes, stages] = await Promise.all([
    client.send(new GetIntegrationsCommand({ ApiId })),
    client.send(new GetRoutesCommand({ ApiId })),
    client.send(new GetStagesCommand({ ApiId })),
  ]);
  const integration = integrations.Items?.[0];
  const target = `integrations/${integration?.IntegrationId}`;
  const stage = stages.Items?.find(({ StageName }) => StageName === scope.stage);
  return {
    id: ApiId,
    url: socketUrlOf(found.ApiEndpoint, scope.stage),
    integrationUri: integration?.IntegrationUri ?? null,
    routes: (routes.Items ?? []).flatMap(({ RouteKey, Target }) =>
      RouteKey !== undefined && Target === target ? [RouteKey] : [],
    ),
    hasStage: stage?.AutoDeploy === true,
    tags: found.Tags ?? {},
  };
}

/**
 * @param endpoint - "wss://ID.execute-api.REGION.amazonaws.com", as API Gateway gives it
 * @returns what `@connections` is under
 */
export function socketUrlOf(endpoint: string | undefined, stageName: string): string {
  return `${(endpoint ?? "").replace(/^wss:/, "https:").replace(/\/$/, "")}/${stageName}`;
}
