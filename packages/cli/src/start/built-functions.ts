import type { InstanceConfig } from "@queue-run/runtime/instance";
import { functionTimeoutSeconds } from "@queue-run/runtime/lambda/queue";
import type { BuiltProject } from "../build/built-project.js";
import type { FunctionDefinition } from "../dev/runner/function-instances.js";
import type { FunctionId } from "../dev/runner/runner.js";
import { noBuildError } from "../errors/start-errors.js";
import type { QueueDefinition } from "../project/manifest.js";
import { projectSettings } from "../project/project-settings.js";
import { apiTimeoutSeconds } from "../resources/api-timeout.js";
import { batchLimits } from "../resources/batch-limits.js";

/** Threads of the API: each answers one request at a time, as on Lambda. */
const MAX_API_INSTANCES = 64;
/** Deliveries at once of a queue without `concurrency`; Lambda starts with five, and scales up. */
export const MAX_DELIVERIES = 10;

/**
 * The functions that this process runs: one for each queue that it polls, and one for the API.
 *
 * @param queues - those that are polled
 * @throws QueueRunError `QR_NO_BUILD` when one was not built
 */
export function builtFunctions(
  project: BuiltProject,
  queues: readonly QueueDefinition[],
  http: boolean,
): Map<FunctionId, FunctionDefinition> {
  const projectMegabytes = projectSettings(project.settings).memoryMegabytes;
  const definitions = new Map<FunctionId, FunctionDefinition>();
  const define = (
    id: FunctionId,
    queueName: string | null,
    limits: Pick<FunctionDefinition, "timeoutSeconds" | "memoryMegabytes" | "maxInstances">,
  ): void => {
    const file = project.functions.get(id);
    if (file === undefined) throw noBuildError(id);
    const functionName = queueName === null ? "api" : `queue-${queueName}`;
    definitions.set(id, {
      function: { kind: "built", functionName, queueName, file, index: null },
      instance: UNUSED_INSTANCE,
      ...limits,
    });
  };
  for (const { name, fifo, settings } of queues)
    define(`queue:${name}`, name, {
      timeoutSeconds: functionTimeoutSeconds(settings, fifo),
      memoryMegabytes: settings.memoryMegabytes ?? projectMegabytes,
      maxInstances: batchLimits(settings).maximumConcurrency ?? MAX_DELIVERIES,
    });
  if (http && project.routes.length > 0) {
    define("api", null, {
      timeoutSeconds: apiTimeoutSeconds(project.routes),
      memoryMegabytes: projectMegabytes,
      maxInstances: MAX_API_INSTANCES,
    });
  }
  return definitions;
}

/** A built function takes what it knows of the project from its environment. */
const UNUSED_INSTANCE: InstanceConfig = {
  project: "",
  stage: "",
  queues: {},
  sqs: { region: "", queueUrlPrefix: "" },
  baseUrl: null,
  readableLogs: false,
};
