import {
  type Api,
  CreateApiCommand,
  type CreateApiCommandInput,
  CreateIntegrationCommand,
  type CreateIntegrationCommandInput,
  CreateRouteCommand,
  CreateStageCommand,
  DeleteApiCommand,
  GetIntegrationsCommand,
  GetRoutesCommand,
  GetStagesCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateIntegrationCommand,
  UpdateRouteCommand,
  UpdateStageCommand,
} from "@aws-sdk/client-apigatewayv2";
import { apiMissingError } from "../../errors/deploy-errors.js";
import { findApi } from "../actual/read-api.js";
import { apiGateway, apiGatewayOnce } from "../aws/api-gateway.js";
import { isAwsError, orNull } from "../aws/aws-failure.js";
import { eventually } from "../waiting.js";
import type { OperationContext, Run } from "./operation.js";
import { NEW_RESOURCE_BUDGET_MS } from "./passing-failures.js";

/** What an API of either kind consists of besides itself. */
export type ApiParts = {
  integration: Omit<CreateIntegrationCommandInput, "ApiId" | "IntegrationType">;
  /** All lead to the integration. */
  routeKeys: readonly string[];
  stageName: string;
};

/** Making an API twice makes two, so that its answer is never simply asked for again: first comes another look. */
export async function makeApi(
  context: OperationContext,
  settings: CreateApiCommandInput & { Name: string },
): Promise<Pick<Api, "ApiEndpoint">> {
  const { aws, scope } = context;
  return lookThenMake(
    context,
    async () =>
      (await findApi(aws, scope, settings.Name)) ??
      (await apiGatewayOnce(aws).send(new CreateApiCommand(settings))),
  );
}

/** Makes or mends whatever of an API's parts is missing or different: the stage last, which serves what is there. */
export async function connectParts(context: OperationContext, name: string, parts: ApiParts): Promise<void> {
  const ApiId = await apiIdOf(context, name);
  const IntegrationId = await integrate(context, ApiId, parts.integration);
  for (const routeKey of parts.routeKeys)
    await makeRoute(context, ApiId, routeKey, `integrations/${IntegrationId}`);
  await makeStage(context, ApiId, parts.stageName);
}

async function integrate(
  context: OperationContext,
  ApiId: string,
  settings: ApiParts["integration"],
): Promise<string | undefined> {
  const client = apiGateway(context.aws);
  return lookThenMake(context, async () => {
    const { Items = [] } = await client.send(new GetIntegrationsCommand({ ApiId }));
    const found = Items[0];
    if (!found) {
      const command = new CreateIntegrationCommand({ ApiId, IntegrationType: "AWS_PROXY", ...settings });
      return (await apiGatewayOnce(context.aws).send(command)).IntegrationId;
    }
    const { IntegrationId } = found;
    const { IntegrationUri, PayloadFormatVersion } = settings;
    const isSame =
      found.IntegrationUri === IntegrationUri &&
      (PayloadFormatVersion === undefined || found.PayloadFormatVersion === PayloadFormatVersion);
    if (!isSame) await client.send(new UpdateIntegrationCommand({ ApiId, IntegrationId, ...settings }));
    return IntegrationId;
  });
}

async function makeRoute(
  context: OperationContext,
  ApiId: string,
  RouteKey: string,
  Target: string,
): Promise<void> {
  const client = apiGateway(context.aws);
  await lookThenMake(context, async () => {
    const { Items = [] } = await client.send(new GetRoutesCommand({ ApiId }));
    const found = Items.find((route) => route.RouteKey === RouteKey);
    if (!found) await apiGatewayOnce(context.aws).send(new CreateRouteCommand({ ApiId, RouteKey, Target }));
    else if (found.Target !== Target)
      await client.send(new UpdateRouteCommand({ ApiId, RouteId: found.RouteId, Target }));
  });
}

async function makeStage(context: OperationContext, ApiId: string, StageName: string): Promise<void> {
  const client = apiGateway(context.aws);
  await lookThenMake(context, async () => {
    const { Items = [] } = await client.send(new GetStagesCommand({ ApiId }));
    const found = Items.find((stage) => stage.StageName === StageName);
    const settings = { ApiId, StageName, AutoDeploy: true };
    if (!found) await apiGatewayOnce(context.aws).send(new CreateStageCommand(settings));
    else if (found.AutoDeploy !== true) await client.send(new UpdateStageCommand(settings));
  });
}

export const tagApi: Run<"tag-api"> = async ({ name, tags, removedTags }, context) => {
  const { aws, scope } = context;
  const ApiId = await apiIdOf(context, name);
  const ResourceArn = `arn:${scope.partition}:apigateway:${scope.region}::/apis/${ApiId}`;
  await apiGateway(aws).send(new TagResourceCommand({ ResourceArn, Tags: tags }));
  if (removedTags.length > 0)
    await apiGateway(aws).send(new UntagResourceCommand({ ResourceArn, TagKeys: removedTags }));
  return "done";
};

/** All that are the stage's: an answer that was lost may have left two. */
export const deleteApi: Run<"delete-api"> = async ({ name }, { aws, scope }) => {
  for (let api = await findApi(aws, scope, name); api; api = await findApi(aws, scope, name))
    await orNull(apiGateway(aws).send(new DeleteApiCommand({ ApiId: api.ApiId })));
  return "done";
};

async function apiIdOf({ aws, scope }: OperationContext, name: string): Promise<string> {
  const api = await findApi(aws, scope, name);
  if (!api?.ApiId) throw apiMissingError(name);
  return api.ApiId;
}

/** @param attempt - looks whether it is there, and makes it where it is not */
async function lookThenMake<T>({ aws, stop }: OperationContext, attempt: () => Promise<T>): Promise<T> {
  return eventually(attempt, {
    clock: aws.clock,
    stop,
    budgetMs: NEW_RESOURCE_BUDGET_MS,
    isPassing: isUncertain,
  });
}

/** No answer, AWS's own fault, a name that was taken meanwhile, or too many calls. */
function isUncertain(error: unknown): boolean {
  const code = (error as { code?: string }).code;
  return (
    code === "QR_AWS_UNREACHABLE" ||
    code === "QR_AWS_THROTTLED" ||
    isAwsError(error, "ConflictException", "InternalServerError", "InternalFailure", "ServiceUnavailable")
  );
}
