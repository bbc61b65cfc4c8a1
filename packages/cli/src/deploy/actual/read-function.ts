import {
  type EventSourceMappingConfiguration,
  GetAliasCommand,
  GetFunctionCommand,
  GetFunctionConfigurationCommand,
  GetFunctionEventInvokeConfigCommand,
  GetFunctionRecursionConfigCommand,
  type FunctionConfiguration as LambdaConfiguration,
  paginateListEventSourceMappings,
} from "@aws-sdk/client-lambda";
import { orNull } from "../aws/aws-failure.js";
import type { Aws } from "../aws/connect.js";
import { lambda } from "../aws/lambda.js";
import type { FunctionConfiguration } from "../desired/desired-state.js";
import { describeLogFormat } from "../desired/log-format.js";
import { LIVE_ALIAS } from "../desired/resource-arns.js";
import type { ActualFunction, ActualMapping, ActualVersion, FunctionToRead } from "./actual-state.js";
import { readRole } from "./read-role.js";

type LogGroup = ActualFunction["logGroup"];

/**
 * Reads a function and all that hangs on it; null where none of it is there.
 *
 * @param logGroup - which is listed for all functions at once
 */
export async function readFunction(
  aws: Aws,
  { physicalName, roleName, queueArn, withShares }: FunctionToRead,
  logGroup: LogGroup,
): Promise<ActualFunction | null> {
  const client = lambda(aws);
  const [found, role] = await Promise.all([
    orNull(client.send(new GetFunctionCommand({ FunctionName: physicalName }))),
    readRole(aws, roleName),
  ]);
  const latest = found?.Configuration ? toVersion(found.Configuration) : null;
  if (!latest && !role && !logGroup) return null;
  // A mapping outlives its function; then what is left of the function is there too.
  const mapping = queueArn === null ? null : await readMapping(aws, physicalName, queueArn);
  const [live, recursion, invocation, alias] = latest
    ? await Promise.all([
        readVersion(aws, physicalName, LIVE_ALIAS),
        orNull(client.send(new GetFunctionRecursionConfigCommand({ FunctionName: physicalName }))),
        // Of functions that are invoked asynchronously, by schedules: those with a queue are not.
        queueArn === null ? readAsyncInvocation(aws, physicalName) : null,
        withShares
          ? orNull(client.send(new GetAliasCommand({ FunctionName: physicalName, Name: LIVE_ALIAS })))
          : null,
      ])
    : [null, null, null, null];
  return {
    role,
    logGroup,
    latest,
    tags: found?.Tags ?? {},
    live,
    sharesCalls: Object.keys(alias?.RoutingConfig?.AdditionalVersionWeights ?? {}).length > 0,
    recursiveLoop: recursion?.RecursiveLoop ?? null,
    mapping,
    asyncInvocation: invocation,
  };
}

/**
 * @param qualifier - a version's number, or the alias `live` for what it points at
 * @returns null without such a version, or without the function
 */
export async function readVersion(
  aws: Aws,
  physicalName: string,
  qualifier: string,
): Promise<ActualVersion | null> {
  const command = new GetFunctionConfigurationCommand({ FunctionName: physicalName, Qualifier: qualifier });
  const found = await orNull(lambda(aws).send(command));
  return found ? toVersion(found) : null;
}

async function readAsyncInvocation(
  aws: Aws,
  physicalName: string,
): Promise<ActualFunction["asyncInvocation"]> {
  const command = new GetFunctionEventInvokeConfigCommand({
    FunctionName: physicalName,
    Qualifier: LIVE_ALIAS,
  });
  const found = await orNull(lambda(aws).send(command));
  if (found?.MaximumRetryAttempts === undefined && found?.MaximumEventAgeInSeconds === undefined) return null;
  return {
    maximumRetryAttempts: found.MaximumRetryAttempts ?? DEFAULT_RETRY_ATTEMPTS,
    maximumEventAgeSeconds: found.MaximumEventAgeInSeconds ?? DEFAULT_EVENT_AGE_SECONDS,
  };
}

/** Lambda's own, of asynchronous invocations. Developer Guide, "How Lambda handles errors and retries". */
const DEFAULT_RETRY_ATTEMPTS = 2;
const DEFAULT_EVENT_AGE_SECONDS = 21_600;

/** @returns the mapping between a queue and a function: that of the alias, where there are several */
export async function readMapping(
  aws: Aws,
  physicalName: string,
  queueArn: string,
): Promise<ActualMapping | null> {
  const mappings: ActualMapping[] = [];
  const pages = paginateListEventSourceMappings({ client: lambda(aws) }, { EventSourceArn: queueArn });
  for await (const { EventSourceMappings = [] } of pages)
    mappings.push(...EventSourceMappings.map(toMapping).filter((each) => isOf(each, physicalName)));
  const isLive = ({ functionArn }: ActualMapping) => functionArn.endsWith(`:${LIVE_ALIAS}`);
  return mappings.find(isLive) ?? mappings[0] ?? null;
}

/** "arn:aws:lambda:REGION:ACCOUNT:function:NAME[:QUALIFIER]" */
function isOf({ functionArn }: ActualMapping, physicalName: string): boolean {
  return functionArn.split(":")[6] === physicalName;
}

function toMapping(mapping: EventSourceMappingConfiguration): ActualMapping {
  return {
    uuid: mapping.UUID ?? "",
    functionArn: mapping.FunctionArn ?? "",
    queueArn: mapping.EventSourceArn ?? "",
    state: mapping.State ?? "",
    batchSize: mapping.BatchSize ?? 0,
    batchWindowSeconds: mapping.MaximumBatchingWindowInSeconds ?? 0,
    maximumConcurrency: mapping.ScalingConfig?.MaximumConcurrency ?? null,
    reportsBatchItemFailures: mapping.FunctionResponseTypes?.includes("ReportBatchItemFailures") ?? false,
  };
}

function toVersion(found: LambdaConfiguration): ActualVersion {
  return {
    version: found.Version ?? "$LATEST",
    codeSha256: found.CodeSha256 ?? "",
    configuration: toConfiguration(found),
    roleArn: found.Role ?? "",
    environment: found.Environment?.Variables ?? {},
    logFormat: describeLogFormat(found.LoggingConfig),
    logGroup: found.LoggingConfig?.LogGroup ?? null,
  };
}

function toConfiguration(found: LambdaConfiguration): FunctionConfiguration {
  const { SubnetIds = [], SecurityGroupIds = [] } = found.VpcConfig ?? {};
  return {
    // Whatever it is, it is compared with one of ours.
    runtime: (found.Runtime ?? "") as FunctionConfiguration["runtime"],
    architecture: (found.Architectures?.[0] ?? "x86_64") as FunctionConfiguration["architecture"],
    handler: found.Handler ?? "",
    memoryMegabytes: found.MemorySize ?? 0,
    timeoutSeconds: found.Timeout ?? 0,
    vpc: SubnetIds.length > 0 ? { subnetIds: SubnetIds, securityGroupIds: SecurityGroupIds } : null,
  };
}
