import { functionTimeoutSeconds } from "@queue-run/runtime/config";
import type { InstanceConfig } from "@queue-run/runtime/instance";
import type { BuiltProject } from "../build/built-project.js";
import type { FunctionDefinition } from "../dev/runner/function-instances.js";
import type { FunctionId } from "../dev/runner/runner.js";
import { noBuildError } from "../errors/start-errors.js";
import type { QueueDefinition } from "../project/manifest.js";
import { projectSettings } from "../project/project-settings.js";
import { apiTimeoutSeconds } from "../resources/api-timeout.js";
import { batchLimits } from "../resources/batch-limits.js";
import type { ApiFunction } from "./api-thread.js";

/** Deliveries at once of a queue without `concurrency`; Lambda starts with five, and scales up. */
const DEFAULT_MAX_DELIVERIES = 10;

/** The functions that a process runs. */
export type BuiltFunctions = {
  queues: ReadonlyMap<FunctionId, FunctionDefinition>;
  /** Null: no route is served. */
  api: ApiFunction | null;
};

/**
 * @param queues - those that are polled
 * @param http - whether routes are served
 * @throws QueueRunError `QR_NO_BUILD` when a function was not built
 */
export function builtFunctions(
  project: BuiltProject,
  queues: readonly QueueDefinition[],
  http: boolean,
): BuiltFunctions {
  const projectMegabytes = projectSettings(project.settings).memoryMegabytes;
  const ofQueues = queues.map((queue): [FunctionId, FunctionDefinition] => {
    const { name, fifo, settings } = queue;
    const id: FunctionId = `queue:${name}`;
    const definition = {
      ...instanceFunction(project, id, name),
      timeoutSeconds: functionTimeoutSeconds(settings, fifo),
      memoryMegabytes: settings.memoryMegabytes ?? projectMegabytes,
      maxInstances: maxDeliveries(queue),
    };
    return [id, definition];
  });
  const api =
    http && project.routes.length > 0
      ? {
          ...instanceFunction(project, "api", null),
          timeoutSeconds: apiTimeoutSeconds(project.routes),
          memoryMegabytes: projectMegabytes,
        }
      : null;
  return { queues: new Map(ofQueues), api };
}

/** Deliveries of a queue that run at once; beyond them nothing is received, so that another process may. */
export function maxDeliveries({ settings }: Pick<QueueDefinition, "settings">): number {
  return batchLimits(settings).maximumConcurrency ?? DEFAULT_MAX_DELIVERIES;
}

function instanceFunction(
  { functions }: BuiltProject,
  id: FunctionId,
  queueName: string | null,
): Pick<FunctionDefinition, "function" | "instance"> {
  const file = functions.get(id);
  if (file === undefined) throw noBuildError(id);
  const functionName = queueName === null ? "api" : `queue-${queueName}`;
  return {
    function: { kind: "built", functionName, queueName, file, index: null },
    instance: UNUSED_INSTANCE,
  };
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
