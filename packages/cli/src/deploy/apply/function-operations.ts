import {
  CreateFunctionCommand,
  type CreateFunctionCommandInput,
  DeleteFunctionCommand,
  DeleteFunctionEventInvokeConfigCommand,
  type FunctionConfiguration,
  GetFunctionCommand,
  PublishVersionCommand,
  PutFunctionEventInvokeConfigCommand,
  PutFunctionRecursionConfigCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import { nameTakenError } from "../../errors/deploy-errors.js";
import { isAwsError, orNull } from "../aws/aws-failure.js";
import { lambda } from "../aws/lambda.js";
import type { Addresses } from "../desired/addresses.js";
import type { DesiredFunction } from "../desired/desired-state.js";
import { LOG_FORMAT } from "../desired/log-format.js";
import { LIVE_ALIAS } from "../desired/resource-arns.js";
import { isOurs } from "../desired/resource-tags.js";
import { eventually } from "../waiting.js";
import { codeOf } from "./function-code.js";
import { functionReady } from "./function-ready.js";
import type { OperationContext, Run } from "./operation.js";
import { isBusy, isRoleLag, ROLE_BUDGET_MS, UPDATE_BUDGET_MS } from "./passing-failures.js";

export const createFunction: Run<"create-function"> = async ({ function: wanted }, context) => {
  const { aws, results } = context;
  const command = new CreateFunctionCommand({
    ...settingsOf(wanted, results),
    Code: { ZipFile: await codeOf(wanted, context) },
    Architectures: [wanted.configuration.architecture],
    Publish: true,
    Tags: wanted.tags,
  });
  let created: FunctionConfiguration;
  try {
    created = await whenRoleIsKnown(context, wanted.physicalName, () => lambda(aws).send(command));
  } catch (error) {
    if (!isAwsError(error, "ResourceConflictException")) throw error;
    created = await lookAtExisting(wanted, context);
  }
  await functionReady(context, wanted.physicalName, created);
  // Only numbers are versions: an answer that was lost leaves the one that was published with it to be asked for.
  const version = isVersion(created.Version)
    ? created.Version
    : await publish(context, wanted.physicalName, wanted.code.codeSha256);
  results.versions.set(wanted.id, version);
  return "done";
};

/** The function is there, perhaps made by this very call, whose answer was lost. */
async function lookAtExisting(
  wanted: DesiredFunction,
  context: OperationContext,
): Promise<FunctionConfiguration> {
  const { aws, scope } = context;
  const found = await lambda(aws).send(new GetFunctionCommand({ FunctionName: wanted.physicalName }));
  if (!isOurs(found.Tags ?? {}, scope)) throw nameTakenError("function", wanted.physicalName);
  await functionReady(context, wanted.physicalName, found.Configuration ?? {});
  if (found.Configuration?.CodeSha256 !== wanted.code.codeSha256) await uploadCode(wanted, context);
  return configure(wanted, context);
}

export const updateConfiguration: Run<"update-configuration"> = async ({ function: wanted }, context) => {
  await configure(wanted, context);
  return "done";
};

async function configure(wanted: DesiredFunction, context: OperationContext): Promise<FunctionConfiguration> {
  const { aws, results } = context;
  const settings = settingsOf(wanted, results);
  const command = new UpdateFunctionConfigurationCommand({
    ...settings,
    // A network that is no longer wanted goes only when it is said.
    VpcConfig: settings.VpcConfig ?? { SubnetIds: [], SecurityGroupIds: [] },
  });
  const updated = await whenRoleIsKnown(context, wanted.physicalName, () => lambda(aws).send(command));
  await functionReady(context, wanted.physicalName, updated);
  return { ...updated, Version: undefined };
}

export const updateCode: Run<"update-code"> = async ({ function: wanted }, context) => {
  await uploadCode(wanted, context);
  return "done";
};

async function uploadCode(wanted: DesiredFunction, context: OperationContext): Promise<void> {
  const command = new UpdateFunctionCodeCommand({
    FunctionName: wanted.physicalName,
    ZipFile: await codeOf(wanted, context),
    Architectures: [wanted.configuration.architecture],
  });
  const updated = await whenFree(context, () => lambda(context.aws).send(command));
  await functionReady(context, wanted.physicalName, updated);
}

export const publishVersion: Run<"publish-version"> = async (
  { functionId, functionName, codeSha256 },
  context,
) => {
  context.results.versions.set(functionId, await publish(context, functionName, codeSha256));
  return "done";
};

/** Publishing what is published already gives that version again. Lambda API Reference, PublishVersion. */
async function publish(context: OperationContext, FunctionName: string, CodeSha256: string): Promise<string> {
  const command = new PublishVersionCommand({ FunctionName, CodeSha256 });
  const published = await whenFree(context, () => lambda(context.aws).send(command));
  const version = published.Version ?? "";
  await functionReady(context, FunctionName, published, version);
  return version;
}

export const allowRecursion: Run<"allow-recursion"> = async ({ functionName, recursiveLoop }, context) => {
  const command = new PutFunctionRecursionConfigCommand({
    FunctionName: functionName,
    RecursiveLoop: recursiveLoop,
  });
  await whenFree(context, () => lambda(context.aws).send(command));
  return "done";
};

export const setAsyncInvocation: Run<"set-async-invocation"> = async (
  { functionName: FunctionName, settings },
  { aws },
) => {
  const client = lambda(aws);
  const alias = { FunctionName, Qualifier: LIVE_ALIAS };
  if (settings === null) await orNull(client.send(new DeleteFunctionEventInvokeConfigCommand(alias)));
  else
    await client.send(
      new PutFunctionEventInvokeConfigCommand({
        ...alias,
        MaximumRetryAttempts: settings.maximumRetryAttempts,
        MaximumEventAgeInSeconds: settings.maximumEventAgeSeconds,
      }),
    );
  return "done";
};

export const tagFunction: Run<"tag-function"> = async ({ arn, tags, removedTags }, { aws }) => {
  await lambda(aws).send(new TagResourceCommand({ Resource: arn, Tags: tags }));
  if (removedTags.length > 0)
    await lambda(aws).send(new UntagResourceCommand({ Resource: arn, TagKeys: removedTags }));
  return "done";
};

export const deleteFunction: Run<"delete-function"> = async ({ functionName }, context) => {
  await orNull(
    whenFree(context, () =>
      lambda(context.aws).send(new DeleteFunctionCommand({ FunctionName: functionName })),
    ),
  );
  return "done";
};

/** Everything that a published version carries but code and architecture. */
function settingsOf(
  { physicalName, configuration, environment, role, logGroup }: DesiredFunction,
  { url, socketUrl }: Addresses,
): Omit<CreateFunctionCommandInput, "Code"> & { FunctionName: string } {
  const { runtime, handler, memoryMegabytes, timeoutSeconds, vpc } = configuration;
  const addresses: Record<string, string> = {
    ...(environment.withUrl && url !== null && { QUEUE_RUN_URL: url }),
    ...(environment.withSocketUrl && socketUrl !== null && { QUEUE_RUN_SOCKET_URL: socketUrl }),
  };
  return {
    FunctionName: physicalName,
    Role: role.arn,
    Runtime: runtime,
    Handler: handler,
    MemorySize: memoryMegabytes,
    Timeout: timeoutSeconds,
    Environment: { Variables: { ...environment.variables, ...addresses } },
    LoggingConfig: { ...LOG_FORMAT, LogGroup: logGroup.name },
    ...(vpc && { VpcConfig: { SubnetIds: vpc.subnetIds, SecurityGroupIds: vpc.securityGroupIds } }),
  };
}

function isVersion(version: string | undefined): version is string {
  return version !== undefined && /^\d+$/.test(version);
}

async function whenRoleIsKnown<T>(
  context: OperationContext,
  name: string,
  attempt: () => Promise<T>,
): Promise<T> {
  const { aws, stop, probes, say } = context;
  return probes.role(() => whenFree(context, attempt), {
    clock: aws.clock,
    stop,
    budgetMs: ROLE_BUDGET_MS,
    isPassing: (error) => {
      if (isRoleLag(error)) say(`${name}: its role is not known everywhere yet`);
      return isRoleLag(error);
    },
  });
}

async function whenFree<T>({ aws, stop }: OperationContext, attempt: () => Promise<T>): Promise<T> {
  return eventually(attempt, { clock: aws.clock, stop, budgetMs: UPDATE_BUDGET_MS, isPassing: isBusy });
}
