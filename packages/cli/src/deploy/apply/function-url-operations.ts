import {
  AddPermissionCommand,
  type AddPermissionCommandInput,
  CreateFunctionUrlConfigCommand,
  DeleteFunctionUrlConfigCommand,
  RemovePermissionCommand,
  UpdateFunctionUrlConfigCommand,
} from "@aws-sdk/client-lambda";
import { apiMissingError } from "../../errors/deploy-errors.js";
import { findApi } from "../actual/read-api.js";
import { withoutSlash } from "../actual/read-endpoint.js";
import { readInvokers } from "../actual/read-invokers.js";
import { isAwsError, orNull } from "../aws/aws-failure.js";
import { lambda } from "../aws/lambda.js";
import { EVERYBODY } from "../desired/invokers.js";
import { LIVE_ALIAS } from "../desired/resource-arns.js";
import { apiName, socketName } from "../desired/resource-names.js";
import type { PermissionId } from "../plan/step.js";
import { eventually } from "../waiting.js";
import type { OperationContext, Run } from "./operation.js";
import { isBusy, NEW_RESOURCE_BUDGET_MS } from "./passing-failures.js";

/** Open to all; answers stream. */
const SETTINGS = { Qualifier: LIVE_ALIAS, AuthType: "NONE", InvokeMode: "RESPONSE_STREAM" } as const;
/** Takes away what somebody has set: what is left out of an update stays as it was. */
const NO_CORS = { Cors: {} };

export const createFunctionUrl: Run<"create-function-url"> = async (
  { functionName: FunctionName },
  context,
) => {
  const { aws, results } = context;
  const client = lambda(aws);
  try {
    const command = new CreateFunctionUrlConfigCommand({ FunctionName, ...SETTINGS });
    results.url = withoutSlash((await whenFree(context, () => client.send(command))).FunctionUrl);
  } catch (error) {
    if (!isAwsError(error, "ResourceConflictException")) throw error;
    await update(FunctionName, context);
  }
  return "done";
};

export const updateFunctionUrl: Run<"update-function-url"> = async ({ functionName }, context) => {
  await update(functionName, context);
  return "done";
};

async function update(FunctionName: string, context: OperationContext): Promise<void> {
  const command = new UpdateFunctionUrlConfigCommand({ FunctionName, ...SETTINGS, ...NO_CORS });
  const updated = await whenFree(context, () => lambda(context.aws).send(command));
  context.results.url = withoutSlash(updated.FunctionUrl);
}

export const deleteFunctionUrl: Run<"delete-function-url"> = async ({ functionName }, context) => {
  const command = new DeleteFunctionUrlConfigCommand({ FunctionName: functionName, Qualifier: LIVE_ALIAS });
  await orNull(whenFree(context, () => lambda(context.aws).send(command)));
  return "done";
};

export const addPermission: Run<"add-permission"> = async ({ functionName, statementId }, context) => {
  const { grant, invoker } = await grantOf(statementId, context);
  const command = new AddPermissionCommand({
    FunctionName: functionName,
    Qualifier: LIVE_ALIAS,
    StatementId: statementId,
    ...grant,
  });
  const add = () => whenFree(context, () => lambda(context.aws).send(command));
  try {
    await add();
  } catch (error) {
    if (!isAwsError(error, "ResourceConflictException")) throw error;
    // A statement of that name is there: from an answer that was lost, or for an API that is gone.
    if ((await readInvokers(context.aws, functionName))[statementId] === invoker) return "done";
    await removePermission({ type: "remove-permission", functionName, statementId }, context);
    await add();
  }
  return "done";
};

export const removePermission: Run<"remove-permission"> = async ({ functionName, statementId }, context) => {
  const command = new RemovePermissionCommand({
    FunctionName: functionName,
    Qualifier: LIVE_ALIAS,
    StatementId: statementId,
  });
  await orNull(whenFree(context, () => lambda(context.aws).send(command)));
  return "done";
};

type Grant = Pick<
  AddPermissionCommandInput,
  "Action" | "Principal" | "FunctionUrlAuthType" | "InvokedViaFunctionUrl" | "SourceArn"
>;

/** @returns what a statement says, and how it is read back */
async function grantOf(
  statementId: PermissionId,
  { aws, scope }: OperationContext,
): Promise<{ grant: Grant; invoker: string }> {
  const invoker = EVERYBODY;
  if (statementId === "queue-run-url")
    return {
      grant: { Action: "lambda:InvokeFunctionUrl", Principal: "*", FunctionUrlAuthType: "NONE" },
      invoker,
    };
  if (statementId === "queue-run-invoke")
    return {
      grant: { Action: "lambda:InvokeFunction", Principal: "*", InvokedViaFunctionUrl: true },
      invoker,
    };
  const name = statementId === "queue-run-api" ? apiName(scope) : socketName(scope);
  const api = await findApi(aws, scope, name);
  if (!api?.ApiId) throw apiMissingError(name);
  const { partition, region, account } = scope;
  const SourceArn = `arn:${partition}:execute-api:${region}:${account}:${api.ApiId}/*`;
  return {
    grant: { Action: "lambda:InvokeFunction", Principal: "apigateway.amazonaws.com", SourceArn },
    invoker: api.ApiId,
  };
}

async function whenFree<T>({ aws, stop }: OperationContext, attempt: () => Promise<T>): Promise<T> {
  return eventually(attempt, { clock: aws.clock, stop, budgetMs: NEW_RESOURCE_BUDGET_MS, isPassing: isBusy });
}
