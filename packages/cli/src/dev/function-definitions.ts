import {
  functionTimeoutSeconds,
  scheduleFunctionTimeoutSeconds,
  socketFunctionTimeoutSeconds,
} from "@queue-run/runtime/config";
import type { InstanceConfig } from "@queue-run/runtime/instance";
import type { Manifest, QueueDefinition, ScheduleDefinition } from "../project/manifest.js";
import { projectSettings } from "../project/project-settings.js";
import { apiTimeoutSeconds } from "../resources/api-timeout.js";
import { batchLimits } from "../resources/batch-limits.js";
import { cronTextOf } from "../schedules/schedule-expression.js";
import type { FunctionDefinition } from "./runner/function-instances.js";
import type { FunctionId } from "./runner/runner.js";

/** Instances of the API's function: each answers one request at a time, as on Lambda. */
const MAX_API_INSTANCES = 32;
/** Instances of the socket's function: each handles one event at a time, as on Lambda. */
const MAX_SOCKET_INSTANCES = 32;
/** Invocations at once of a queue without `concurrency`; Lambda starts with five, and scales up. */
const MAX_QUEUE_INSTANCES = 10;
/** Runs at once of a schedule that lets them overlap. */
const MAX_SCHEDULE_INSTANCES = 10;

/**
 * The functions of a project, as deploying it would make them: one for each queue and each schedule, and one each for the API
 * and the socket.
 *
 * @param instance - what their instances know of the project
 * @param timed - whether functions are ended when their time is up; not under a debugger
 */
export function functionDefinitions(
  manifest: Manifest,
  instance: InstanceConfig,
  timed: boolean,
): Map<FunctionId, FunctionDefinition> {
  const definitions = new Map<FunctionId, FunctionDefinition>();
  for (const queue of manifest.queues)
    definitions.set(`queue:${queue.name}`, queueFunction(queue, manifest, instance, timed));
  for (const schedule of manifest.schedules)
    definitions.set(`schedule:${schedule.name}`, scheduleFunction(schedule, manifest, instance, timed));
  const { routes, socket, index } = manifest;
  if (socket !== null)
    definitions.set("socket", {
      function: { kind: "socket", ...socket, index },
      instance,
      timeoutSeconds: timed ? socketFunctionTimeoutSeconds(socket.settings) : null,
      memoryMegabytes: socket.settings.memoryMegabytes ?? projectSettings(manifest.settings).memoryMegabytes,
      maxInstances: MAX_SOCKET_INSTANCES,
    });
  if (routes.length > 0) {
    definitions.set("api", {
      function: { kind: "http", routes, index },
      instance,
      timeoutSeconds: timed ? apiTimeoutSeconds(routes) : null,
      memoryMegabytes: projectSettings(manifest.settings).memoryMegabytes,
      maxInstances: MAX_API_INSTANCES,
    });
  }
  return definitions;
}

function queueFunction(
  { name, fifo, file, settings }: QueueDefinition,
  manifest: Manifest,
  instance: InstanceConfig,
  timed: boolean,
): FunctionDefinition {
  const { maximumConcurrency } = batchLimits(settings);
  return {
    function: { kind: "queue", name, fifo, file, settings, index: manifest.index },
    instance,
    timeoutSeconds: timed ? functionTimeoutSeconds(settings, fifo) : null,
    memoryMegabytes: settings.memoryMegabytes ?? projectSettings(manifest.settings).memoryMegabytes,
    maxInstances: maximumConcurrency ?? MAX_QUEUE_INSTANCES,
  };
}

function scheduleFunction(
  { name, file, expression, settings }: ScheduleDefinition,
  manifest: Manifest,
  instance: InstanceConfig,
  timed: boolean,
): FunctionDefinition {
  const cron = cronTextOf(expression);
  return {
    function: { kind: "schedule", name, cron, file, settings, index: manifest.index },
    instance,
    timeoutSeconds: timed ? scheduleFunctionTimeoutSeconds(settings) : null,
    memoryMegabytes: settings.memoryMegabytes ?? projectSettings(manifest.settings).memoryMegabytes,
    maxInstances: settings.overlap === "skip" ? 1 : MAX_SCHEDULE_INSTANCES,
  };
}
