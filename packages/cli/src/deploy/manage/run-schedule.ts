import { InvokeCommand } from "@aws-sdk/client-lambda";
import { scheduleInput } from "@queue-run/runtime/config";
import { lambda } from "../aws/lambda.js";
import { LIVE_ALIAS } from "../desired/resource-arns.js";
import { chooseFunctions, readDeployedStage } from "./deployed-stage.js";
import type { Stage } from "./open-stage.js";

/**
 * Runs a deployed schedule now: invokes its function asynchronously, as EventBridge Scheduler does.
 *
 * @returns the invocation's request id
 * @throws QR_STAGE_NOT_DEPLOYED, QR_FUNCTION_NOT_FOUND
 */
export async function runSchedule(stage: Stage, name: string): Promise<string> {
  const { functions } = await readDeployedStage(stage);
  const [chosen] = chooseFunctions(functions, [`schedule:${name}`]);
  const { $metadata } = await lambda(stage.aws).send(
    new InvokeCommand({
      FunctionName: chosen?.physicalName,
      Qualifier: LIVE_ALIAS,
      InvocationType: "Event",
      Payload: Buffer.from(scheduleInput(name, null)),
    }),
  );
  return $metadata.requestId ?? "";
}
