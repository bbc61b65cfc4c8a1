import type { ActualState } from "../actual/actual-state.js";
import { SCHEDULING_UNIT } from "../desired/desired-scheduling.js";
import type { DesiredState } from "../desired/desired-state.js";
import { scheduleGroupName } from "../desired/resource-names.js";
import { changedUnits } from "./details-to-read.js";
import { knownAddresses } from "./known-addresses.js";
import { planDelays } from "./plan-delays.js";
import { createPlanDraft, type PlanDraft } from "./plan-draft.js";
import { planEndpoint } from "./plan-endpoint.js";
import { type FunctionContext, planFunction } from "./plan-function.js";
import { type PlanOptions, removes } from "./plan-options.js";
import { planQueue } from "./plan-queue.js";
import { planRemoved } from "./plan-removed.js";
import { planRemovedSchedules, planScheduling } from "./plan-scheduling.js";
import { planSocket } from "./plan-socket.js";
import { planTable } from "./plan-table.js";
import type { Plan } from "./step.js";
import { switchOrder } from "./switch-order.js";

/**
 * What has to be done so that a stage is as its project says: for units that are as the last deploy recorded them,
 * nothing; for others, whatever differs.
 *
 * @param actual - with the details that `detailsToRead` asks for
 */
export function plan(desired: DesiredState, actual: ActualState, options: PlanOptions): Plan {
  const { scope, table, queues, functions, endpoint, socket, delays } = desired;
  const { refresh, isGoingBack = false } = options;
  const changed = changedUnits(desired, actual, refresh);
  const draft = createPlanDraft();
  if (changed.has(table.unit)) planTable(draft, table, readDetail(actual.table, table.unit), scope);
  for (const queue of queues) {
    if (!changed.has(queue.unit)) continue;
    const found = readDetail(actual.queues[queue.physicalName], queue.physicalName);
    const pair = queues.find((other) => other.unit === queue.unit && other.role === "dead-letter");
    planQueue(draft, queue, found, scope, queue.role === "queue" ? (pair?.physicalName ?? null) : null);
  }
  if (delays && changed.has(delays.unit)) {
    const name = delays.undeliverable.physicalName;
    const undeliverable = readDetail(actual.queues[name], name);
    planDelays(draft, delays, readDetail(actual.delays, delays.unit), undeliverable, scope);
  }
  const context = functionContext(desired, actual, isGoingBack);
  for (const fn of functions) {
    if (!changed.has(fn.unit)) continue;
    planFunction(draft, fn, readDetail(actual.functions[fn.physicalName], fn.physicalName), context);
  }
  if (endpoint && changed.has(endpoint.unit))
    planEndpoint(draft, endpoint, readDetail(actual.endpoint, endpoint.unit));
  if (socket && changed.has(socket.unit))
    planSocket(draft, socket, readDetail(actual.socket, socket.unit), scope);
  planSchedules(draft, desired, actual, changed.has(SCHEDULING_UNIT));
  planRemoved(draft, desired, actual, { prune: removes(options), isGoingBack });
  return draft.finish();
}

function functionContext(desired: DesiredState, actual: ActualState, isGoingBack: boolean): FunctionContext {
  const { scope, endpoint, functions } = desired;
  const known = knownAddresses(desired, actual);
  const before = switchOrder(functions, isGoingBack);
  return {
    scope,
    known,
    givesUrl: endpoint?.type === "url" && "step" in known.api ? endpoint.functionName : null,
    switchedAfter: (fn) =>
      before(fn).flatMap(({ physicalName }) => [
        `create-alias ${physicalName}`,
        `update-alias ${physicalName}`,
      ]),
  };
}

function planSchedules(
  draft: PlanDraft,
  { scope, scheduling, functions }: DesiredState,
  actual: ActualState,
  hasChanged: boolean,
): void {
  if (!scheduling) {
    const names = Object.keys(actual.scheduling?.schedules ?? {});
    planRemovedSchedules(draft, SCHEDULING_UNIT, scheduleGroupName(scope), names);
    return;
  }
  if (!hasChanged) return;
  const found = readDetail(actual.scheduling, SCHEDULING_UNIT);
  planScheduling(draft, scheduling, found, scope, ({ scheduleName }) => {
    const target = functions.find(({ id }) => id === `schedule:${scheduleName}`);
    return target?.physicalName ?? "";
  });
}

/** @throws when what a plan needs was not read, which `detailsToRead` asks for */
function readDetail<T>(detail: T | undefined, what: string): T {
  if (detail === undefined) throw new Error(`${what} was not read before planning.`);
  return detail;
}
