import { CreateAliasCommand, UpdateAliasCommand } from "@aws-sdk/client-lambda";
import { versionMissingError } from "../../errors/deploy-errors.js";
import { isAwsError } from "../aws/aws-failure.js";
import { lambda } from "../aws/lambda.js";
import { LIVE_ALIAS } from "../desired/resource-arns.js";
import { eventually } from "../waiting.js";
import type { OperationContext, Run } from "./operation.js";
import { isBusy, UPDATE_BUDGET_MS } from "./passing-failures.js";

type AliasOperation = { functionId: string; functionName: string; version: string | null };

export const createAlias: Run<"create-alias"> = async (operation, context) => {
  const version = versionOf(operation, context);
  try {
    await lambda(context.aws).send(
      new CreateAliasCommand({
        FunctionName: operation.functionName,
        Name: LIVE_ALIAS,
        FunctionVersion: version,
      }),
    );
  } catch (error) {
    if (!isAwsError(error, "ResourceConflictException")) throw error;
    await pointAlias(operation.functionName, version, context);
  }
  context.results.live.set(operation.functionId, version);
  return "done";
};

export const updateAlias: Run<"update-alias"> = async (operation, context) => {
  const version = versionOf(operation, context);
  await pointAlias(operation.functionName, version, context);
  context.results.live.set(operation.functionId, version);
  return "done";
};

async function pointAlias(
  functionName: string,
  version: string,
  { aws, stop }: OperationContext,
): Promise<void> {
  const command = new UpdateAliasCommand({
    FunctionName: functionName,
    Name: LIVE_ALIAS,
    FunctionVersion: version,
    // All of the traffic, whatever somebody shifted by hand.
    RoutingConfig: { AdditionalVersionWeights: {} },
  });
  await eventually(() => lambda(aws).send(command), {
    clock: aws.clock,
    stop,
    budgetMs: UPDATE_BUDGET_MS,
    isPassing: isBusy,
  });
}

function versionOf(
  { functionId, functionName, version }: AliasOperation,
  { results }: OperationContext,
): string {
  const wanted = version ?? results.versions.get(functionId);
  if (wanted === undefined) throw versionMissingError(functionName);
  return wanted;
}
