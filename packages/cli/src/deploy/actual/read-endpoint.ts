import type { Api } from "@aws-sdk/client-apigatewayv2";
import { GetFunctionUrlConfigCommand } from "@aws-sdk/client-lambda";
import { orNull } from "../aws/aws-failure.js";
import type { Aws } from "../aws/connect.js";
import { lambda } from "../aws/lambda.js";
import type { StageScope } from "../desired/desired-state.js";
import { LIVE_ALIAS } from "../desired/resource-arns.js";
import { apiName, functionName } from "../desired/resource-names.js";
import type { ActualEndpoint } from "./actual-state.js";
import { readApiParts } from "./read-api.js";
import { readInvokers } from "./read-invokers.js";

/**
 * Reads what answers HTTP in detail, of either kind; null where nothing of it is there.
 *
 * @param apis - of API Gateway, as they are listed
 * @param withFunction - whether the API's function can be there, whose URL and policy go with it
 */
export async function readEndpoint(
  aws: Aws,
  scope: StageScope,
  apis: Promise<readonly Api[]>,
  withFunction: boolean,
): Promise<ActualEndpoint | null> {
  const name = functionName(scope, "api");
  const [functionUrl, api, permissions] = await Promise.all([
    withFunction ? readFunctionUrl(aws, name) : null,
    readApi(aws, scope, apis),
    withFunction ? readInvokers(aws, name) : {},
  ]);
  return functionUrl || api || Object.keys(permissions).length > 0 ? { functionUrl, api, permissions } : null;
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
    hasCors: Object.keys(found.Cors ?? {}).length > 0,
  };
}

/** As QUEUE_RUN_URL is in development too. */
export function withoutSlash(url: string | undefined): string {
  return (url ?? "").replace(/\/$/, "");
}

async function readApi(
  aws: Aws,
  scope: StageScope,
  apis: Promise<readonly Api[]>,
): Promise<ActualEndpoint["api"]> {
  const found = await readApiParts(aws, scope, apiName(scope), apis);
  if (!found) return null;
  const { id, api, integration, routeKeys, stageNames } = found;
  return {
    id,
    url: withoutSlash(api.ApiEndpoint),
    integrationUri: integration?.IntegrationUri ?? null,
    payloadFormat: integration?.PayloadFormatVersion ?? null,
    hasRoute: routeKeys.includes("$default"),
    hasStage: stageNames.includes("$default"),
    tags: api.Tags ?? {},
  };
}
