import {
  type Api,
  GetApisCommand,
  GetIntegrationsCommand,
  GetRoutesCommand,
  GetStagesCommand,
  type Integration,
} from "@aws-sdk/client-apigatewayv2";
import { apiGateway } from "../aws/api-gateway.js";
import type { Aws } from "../aws/connect.js";
import type { StageScope } from "../desired/desired-state.js";
import { isOurs } from "../desired/resource-tags.js";

/** The most that GetApis gives at once. API Gateway V2 API Reference, GetApis. */
const APIS_PER_PAGE = "500";

/** An API of API Gateway, HTTP or WebSocket, with what it consists of. */
export type ApiParts = {
  id: string;
  api: Api;
  integration: Integration | null;
  /** Keys of the routes that lead to the integration. */
  routeKeys: string[];
  /** Names of the stages that take changes by themselves. */
  stageNames: string[];
};

/**
 * @param apis - as they are listed
 * @returns the stage's API of that name in detail; null where there is none
 */
export async function readApiParts(
  aws: Aws,
  scope: StageScope,
  name: string,
  apis: Promise<readonly Api[]>,
): Promise<ApiParts | null> {
  const api = apiOf(await apis, scope, name);
  if (!api?.ApiId) return null;
  const ApiId = api.ApiId;
  const client = apiGateway(aws);
  const [integrations, routes, stages] = await Promise.all([
    client.send(new GetIntegrationsCommand({ ApiId })),
    client.send(new GetRoutesCommand({ ApiId })),
    client.send(new GetStagesCommand({ ApiId })),
  ]);
  const integration = integrations.Items?.[0] ?? null;
  const target = `integrations/${integration?.IntegrationId}`;
  return {
    id: ApiId,
    api,
    integration,
    routeKeys: (routes.Items ?? []).flatMap(({ RouteKey = "", Target }) =>
      Target === target ? [RouteKey] : [],
    ),
    stageNames: (stages.Items ?? []).flatMap(({ StageName = "", AutoDeploy }) =>
      AutoDeploy === true ? [StageName] : [],
    ),
  };
}

/** @returns the stage's API of that name, as it is now */
export async function findApi(aws: Aws, scope: StageScope, name: string): Promise<Api | null> {
  return apiOf(await listApis(aws), scope, name);
}

/** All APIs of the account in the region, of both kinds. */
export async function listApis(aws: Aws): Promise<Api[]> {
  const apis: Api[] = [];
  let NextToken: string | undefined;
  do {
    const page = await apiGateway(aws).send(new GetApisCommand({ MaxResults: APIS_PER_PAGE, NextToken }));
    apis.push(...(page.Items ?? []));
    NextToken = page.NextToken;
  } while (NextToken);
  return apis;
}

/** Names are not unique, so its tags say which one it is. */
function apiOf(apis: readonly Api[], scope: StageScope, name: string): Api | null {
  return apis.find(({ Name, Tags = {} }) => Name === name && isOurs(Tags, scope)) ?? null;
}
