import {
  type Api,
  GetApisCommand,
  GetIntegrationsCommand,
  GetRoutesCommand,
  GetStagesCommand,
} from "@aws-sdk/client-apigatewayv2";
import { GetFunctionUrlConfigCommand, GetPolicyCommand } from "@aws-sdk/client-lambda";
import { apiGateway } from "../aws/api-gateway.js";
import { orNull } from "../aws/aws-failure.js";
import type { Aws } from "../aws/connect.js";
import { lambda } from "../aws/lambda.js";
import type { StageScope } from "../desired/desired-state.js";
import { LIVE_ALIAS } from "../desired/resource-arns.js";
import { apiName, functionName } from "../desired/resource-names.js";
import { isOurs } from "../desired/resource-tags.js";
import type { ActualEndpoint } from "./actual-state.js";

/** The most that GetApis gives at once. API Gateway V2 API Reference, GetApis. */
const APIS_PER_PAGE = "500";

/**
 * Reads what answers HTTP in detail, of either kind; null where nothing of it is there.
 *
 * @param mayHaveApi - whether there can be an HTTP API: most deployers never need to be allowed to look
 */
export async function readEndpoint(
  aws: Aws,
  scope: StageScope,
  mayHaveApi: boolean,
): Promise<ActualEndpoint | null> {
  const name = functionName(scope, "api");
  const [functionUrl, api, permissions] = await Promise.all([
    readFunctionUrl(aws, name),
    mayHaveApi ? readApi(aws, scope) : null,
    readPermissions(aws, name),
  ]);
  return functionUrl || api || permissions.length > 0 ? { functionUrl, api, permissions } : null;
}

/** @returns the URL of the function's alias; null where it has none */
async function readFunctionUrl(aws: Aws, FunctionName: string): Promise<ActualEndpoint["functionUrl"]> {
  const command = new GetFunctionUrlConfigCommand({ FunctionName, Qualifier: LIVE_ALIAS });
  const found = await orNull(lambda(aws).send(command));
  if (!found) return null;
  return {
    url: withoutSlash(found.FunctionUrl),
    authType: found.AuthType ?? "",
    // Lambda's default. API Reference, CreateFunctionUrlConfig.
    invokeMode: found.InvokeMode ?? "BUFFERED",
  };
}

/** @returns the stage's API of that name. Names are not unique, so its tags say which one it is */
export async function findApi(aws: Aws, scope: StageScope, name: string): Promise<Api | null> {
  let NextToken: string | undefined;
  do {
    const page = await apiGateway(aws).send(new GetApisCommand({ MaxResults: APIS_PER_PAGE, NextToken }));
    const found = page.Items?.find(({ Name, Tags = {} }) => Name === name && isOurs(Tags, scope));
    if (found) return found;
    NextToken = page.NextToken;
  } while (NextToken);
  return null;
}

/** @returns the statement ids of the policy on the function's alias */
export async function readPermissions(aws: Aws, FunctionName: string): Promise<string[]> {
  const command = new GetPolicyCommand({ FunctionName, Qualifier: LIVE_ALIAS });
  const found = await orNull(lambda(aws).send(command));
  const document: { Statement?: { Sid?: string }[] } = JSON.parse(found?.Policy ?? "{}");
  return (document.Statement ?? []).flatMap(({ Sid }) => (Sid === undefined ? [] : [Sid]));
}

/** As QUEUE_RUN_URL is in development too. */
export function withoutSlash(url: string | undefined): string {
  return (url ?? "").replace(/\/$/, "");
}

async function readApi(aws: Aws, scope: StageScope): Promise<ActualEndpoint["api"]> {
  const found = await findApi(aws, scope, apiName(scope));
  if (!found?.ApiId) return null;
  const ApiId = found.ApiId;
  const client = apiGateway(aws);
  const [integrations, routes, stages] = await Promise.all([
    client.send(new GetIntegrationsCommand({ ApiId })),
    client.send(new GetRoutesCommand({ ApiId })),
    client.send(new GetStagesCommand({ ApiId })),
  ]);
  return {
    id: ApiId,
    url: withoutSlash(found.ApiEndpoint),
    integrationUri: integrations.Items?.[0]?.IntegrationUri ?? null,
    hasRoute: routes.Items?.some(({ RouteKey }) => RouteKey === "$default") ?? false,
    hasStage: stages.Items?.some(({ StageName }) => StageName === "$default") ?? false,
    tags: found.Tags ?? {},
  };
}
