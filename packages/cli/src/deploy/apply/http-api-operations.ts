import {
  CreateApiCommand,
  CreateIntegrationCommand,
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
} from "@aws-sdk/client-apigatewayv2";
import { apiMissingError } from "../../errors/deploy-errors.js";
import { findApi, withoutSlash } from "../actual/read-endpoint.js";
import { apiGateway, apiGatewayOnce } from "../aws/api-gateway.js";
import { isAwsError, orNull } from "../aws/aws-failure.js";
import { eventually } from "../waiting.js";
import type { OperationContext, Run } from "./operation.js";
import { NEW_RESOURCE_BUDGET_MS } from "./passing-failures.js";

/** Everything that has no route of its own. */
const DEFAULT = "$default";

/** Making an API twice makes two, so that its answer is never simply asked for again: first comes another look. */
export const createApi: Run<"create-api"> = async ({ name, tags }, context) => {
  const { aws, scope, results } = context;
  await lookThenMake(context, async () => {
    const api =
      (await findApi(aws, scope)) ??
      (await apiGatewayOnce(aws).send(
        new CreateApiCommand({ Name: name, ProtocolType: "HTTP", Tags: tags }),
      ));
    results.url = withoutSlash(api.ApiEndpoint);
  });
  return "done";
};

export const connectApi: Run<"connect-api"> = async ({ functionArn }, context) => {
  const { aws } = context;
  const ApiId = await apiIdOf(context);
  const client = apiGateway(aws);
  const once = apiGatewayOnce(aws);
  await lookThenMake(context, async () => {
    const integrations = await client.send(new GetIntegrationsCommand({ ApiId }));
    const settings = { IntegrationUri: functionArn, PayloadFormatVersion: "2.0" };
    const found = integrations.Items?.[0];
    if (!found)
      await once.send(new CreateIntegrationCommand({ ApiId, IntegrationType: "AWS_PROXY", ...settings }));
    else if (found.IntegrationUri !== functionArn)
      await client.send(
        new UpdateIntegrationCommand({ ApiId, IntegrationId: found.IntegrationId, ...settings }),
      );
  });
  await lookThenMake(context, async () => {
    const { Items: integrations = [] } = await client.send(new GetIntegrationsCommand({ ApiId }));
    const { Items: routes = [] } = await client.send(new GetRoutesCommand({ ApiId }));
    const Target = `integrations/${integrations[0]?.IntegrationId}`;
    const found = routes.find(({ RouteKey }) => RouteKey === DEFAULT);
    if (!found) await once.send(new CreateRouteCommand({ ApiId, RouteKey: DEFAULT, Target }));
    else if (found.Target !== Target)
      await client.send(new UpdateRouteCommand({ ApiId, RouteId: found.RouteId, Target }));
  });
  await lookThenMake(context, async () => {
    const { Items: stages = [] } = await client.send(new GetStagesCommand({ ApiId }));
    if (!stages.some(({ StageName }) => StageName === DEFAULT))
      await once.send(new CreateStageCommand({ ApiId, StageName: DEFAULT, AutoDeploy: true }));
  });
  return "done";
};

export const tagApi: Run<"tag-api"> = async ({ tags, removedTags }, context) => {
  const { aws, scope } = context;
  const ResourceArn = `arn:${scope.partition}:apigateway:${scope.region}::/apis/${await apiIdOf(context)}`;
  await apiGateway(aws).send(new TagResourceCommand({ ResourceArn, Tags: tags }));
  if (removedTags.length > 0)
    await apiGateway(aws).send(new UntagResourceCommand({ ResourceArn, TagKeys: removedTags }));
  return "done";
};

/** All that are the stage's: an answer that was lost may have left two. */
export const deleteApi: Run<"delete-api"> = async (_operation, { aws, scope }) => {
  for (let api = await findApi(aws, scope); api; api = await findApi(aws, scope))
    await orNull(apiGateway(aws).send(new DeleteApiCommand({ ApiId: api.ApiId })));
  return "done";
};

async function apiIdOf({ aws, scope }: OperationContext): Promise<string> {
  const api = await findApi(aws, scope);
  if (!api?.ApiId) throw apiMissingError();
  return api.ApiId;
}

/** @param attempt - looks whether it is there, and makes it where it is not */
async function lookThenMake({ aws, stop }: OperationContext, attempt: () => Promise<void>): Promise<void> {
  await eventually(attempt, {
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
