import { type FunctionConfiguration, GetFunctionConfigurationCommand } from "@aws-sdk/client-lambda";
import { resourceFailedError, resourceSlowError } from "../../errors/deploy-errors.js";
import { orNull } from "../aws/aws-failure.js";
import { lambda } from "../aws/lambda.js";
import { lookUntil, sleep } from "../waiting.js";
import type { OperationContext } from "./operation.js";
import { UPDATE_BUDGET_MS } from "./passing-failures.js";

/** Before the first look: a function takes about that long, and looks count against Lambda's rate. */
const FIRST_LOOK_MS = 1_000;

/**
 * Waits until Lambda has done what was asked for: the function active, its last update successful.
 *
 * @param last - what Lambda answered; where that says that it is done, nothing is asked
 * @param qualifier - a version; default: `$LATEST`
 */
export async function functionReady(
  { aws, stop, say }: OperationContext,
  functionName: string,
  last: FunctionConfiguration,
  qualifier?: string,
): Promise<void> {
  const name = `The function ${functionName}${qualifier ? ` (version ${qualifier})` : ""}`;
  if (isReady(last, name)) return;
  say(`${functionName}: waiting until Lambda has it ready`);
  await sleep(FIRST_LOOK_MS, aws.clock, stop);
  const command = new GetFunctionConfigurationCommand({ FunctionName: functionName, Qualifier: qualifier });
  const ready = await lookUntil(
    async () => {
      const found = await orNull(lambda(aws).send(command));
      return found && isReady(found, name) ? true : undefined;
    },
    { clock: aws.clock, stop, budgetMs: UPDATE_BUDGET_MS },
  );
  if (!ready) throw resourceSlowError(name, "pending", UPDATE_BUDGET_MS / 1000);
}

/** Lambda Developer Guide, "Lambda function states". Inactive functions are active again when they are invoked. */
function isReady(
  { State, StateReason, LastUpdateStatus, LastUpdateStatusReason }: FunctionConfiguration,
  name: string,
): boolean {
  if (LastUpdateStatus === "InProgress") return false;
  if (State === "Failed") throw resourceFailedError(name, "in the state Failed", StateReason ?? null);
  if (LastUpdateStatus === "Failed")
    throw resourceFailedError(name, "not updated", LastUpdateStatusReason ?? null);
  return State !== "Pending";
}
