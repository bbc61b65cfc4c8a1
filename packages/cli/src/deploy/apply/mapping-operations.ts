import {
  CreateEventSourceMappingCommand,
  DeleteEventSourceMappingCommand,
  type EventSourceMappingConfiguration,
  GetEventSourceMappingCommand,
  UpdateEventSourceMappingCommand,
} from "@aws-sdk/client-lambda";
import { resourceSlowError } from "../../errors/deploy-errors.js";
import { readMapping } from "../actual/read-function.js";
import { awsReason, isAwsError, orNull } from "../aws/aws-failure.js";
import { lambda } from "../aws/lambda.js";
import type { DesiredMapping } from "../desired/desired-state.js";
import { eventually, lookUntil, sleep } from "../waiting.js";
import type { OperationContext, Run } from "./operation.js";
import { isBusy, isQueueLag, isRoleLag, ROLE_BUDGET_MS, UPDATE_BUDGET_MS } from "./passing-failures.js";

/** Before the first look at a mapping that is on its way: it takes about that long, and looks count against Lambda's rate. */
const FIRST_LOOK_MS = 4_000;

export const createMapping: Run<"create-mapping"> = async ({ mapping }, context) => {
  const { aws, stop, probes, say } = context;
  const command = new CreateEventSourceMappingCommand({
    EventSourceArn: mapping.queueArn,
    FunctionName: mapping.functionArn,
    ...settingsOf(mapping),
    Enabled: true,
  });
  try {
    const created = await probes.policy(() => lambda(aws).send(command), {
      clock: aws.clock,
      stop,
      budgetMs: ROLE_BUDGET_MS,
      isPassing: (error) => {
        if (isRoleLag(error))
          say(`${nameOf(mapping)}: the function's role may not receive from the queue yet`);
        return isRoleLag(error) || isQueueLag(error);
      },
    });
    await settled(created, mapping, context);
  } catch (error) {
    if (!isAwsError(error, "ResourceConflictException")) throw error;
    const uuid = await uuidOfExisting(awsReason(error), mapping, context);
    if (uuid === null) throw error;
    await update(uuid, mapping, context);
  }
  return "done";
};

/** Lambda says which mapping there is already between this queue and this function. */
async function uuidOfExisting(
  reason: string,
  { functionArn, queueArn }: DesiredMapping,
  { aws }: OperationContext,
): Promise<string | null> {
  const named = /UUID ([0-9a-f-]{36})/i.exec(reason)?.[1];
  if (named) return named;
  const functionName = functionArn.split(":")[6] ?? "";
  return (await readMapping(aws, functionName, queueArn))?.uuid ?? null;
}

export const updateMapping: Run<"update-mapping"> = async ({ uuid, mapping }, context) => {
  await update(uuid, mapping, context);
  return "done";
};

async function update(uuid: string, mapping: DesiredMapping, context: OperationContext): Promise<void> {
  const { aws, stop } = context;
  const command = new UpdateEventSourceMappingCommand({
    UUID: uuid,
    FunctionName: mapping.functionArn,
    ...settingsOf(mapping),
    Enabled: true,
  });
  const updated = await eventually(() => lambda(aws).send(command), {
    clock: aws.clock,
    stop,
    budgetMs: UPDATE_BUDGET_MS,
    isPassing: (error) => isBusy(error) || isRoleLag(error),
  });
  await settled(updated, mapping, context);
}

/** When it is gone: a function must not be deleted while Lambda still polls for it. */
export const deleteMapping: Run<"delete-mapping"> = async ({ uuid, functionName }, context) => {
  const { aws, stop, say } = context;
  const client = lambda(aws);
  await orNull(
    eventually(() => client.send(new DeleteEventSourceMappingCommand({ UUID: uuid })), {
      clock: aws.clock,
      stop,
      budgetMs: UPDATE_BUDGET_MS,
      isPassing: isBusy,
    }),
  );
  say(`${functionName}: waiting until Lambda has stopped polling`);
  const gone = await lookUntil(
    async () => {
      const found = await orNull(client.send(new GetEventSourceMappingCommand({ UUID: uuid })));
      return found === null ? true : undefined;
    },
    { clock: aws.clock, stop, budgetMs: UPDATE_BUDGET_MS },
  );
  if (!gone)
    throw resourceSlowError(
      `The event source mapping of ${functionName}`,
      "deleting",
      UPDATE_BUDGET_MS / 1000,
    );
  return "done";
};

function settingsOf({ queueArn, batchSize, batchWindowSeconds, maximumConcurrency }: DesiredMapping) {
  return {
    BatchSize: batchSize,
    // FIFO queues have no window, not even one of 0.
    ...(!queueArn.endsWith(".fifo") && { MaximumBatchingWindowInSeconds: batchWindowSeconds }),
    // Empty: no limit. Lambda API Reference, ScalingConfig.
    ScalingConfig: maximumConcurrency === null ? {} : { MaximumConcurrency: maximumConcurrency },
    FunctionResponseTypes: ["ReportBatchItemFailures" as const],
  };
}

/** Waits until Lambda polls as it was told. */
async function settled(
  last: EventSourceMappingConfiguration,
  mapping: DesiredMapping,
  { aws, stop, say }: OperationContext,
): Promise<void> {
  if (last.State === "Enabled") return;
  say(`${nameOf(mapping)}: waiting until Lambda polls the queue`);
  await sleep(FIRST_LOOK_MS, aws.clock, stop);
  const enabled = await lookUntil(
    async () => {
      const found = await lambda(aws).send(new GetEventSourceMappingCommand({ UUID: last.UUID }));
      return found.State === "Enabled" ? true : undefined;
    },
    { clock: aws.clock, stop, budgetMs: UPDATE_BUDGET_MS },
  );
  if (!enabled)
    throw resourceSlowError(
      `The event source mapping of ${nameOf(mapping)}`,
      last.State ?? "on its way",
      UPDATE_BUDGET_MS / 1000,
    );
}

/** The function's name. */
function nameOf({ functionArn }: DesiredMapping): string {
  return functionArn.split(":")[6] ?? functionArn;
}
